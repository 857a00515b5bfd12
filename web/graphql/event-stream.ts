import { createParser } from 'eventsource-parser';

export interface StreamEvent {
  name: string;
  data: string;
}

/** Cuts the text of an event stream into events; what is unfinished waits for the next piece. */
export function makeEventParser(onEvent: (event: StreamEvent) => void): (piece: string) => void {
  const parser = createParser({ onEvent: ({ event, data }) => onEvent({ name: event ?? 'message', data }) });
  return (piece) => parser.feed(piece);
}
