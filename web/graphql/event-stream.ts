export interface StreamEvent {
  name: string;
  data: string;
}

/** Cuts the text of an event stream into events; what is unfinished waits for the next piece. */
export function makeEventParser(onEvent: (event: StreamEvent) => void): (piece: string) => void {
  let unread = '';
  let name = '';
  let data: string[] = [];

  return (piece) => {
    unread += piece;
    // A carriage return at the very end may be the first half of a line break: it stays until we know.
    const lines = unread.split(/\r\n|\n|\r(?=[^])/);
    unread = lines.pop() ?? '';
    for (const line of lines) readLine(line);
  };

  function readLine(line: string) {
    if (line === '') return dispatch();
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') name = value;
    if (field === 'data') data.push(value);
  }

  function dispatch() {
    if (name || data.length > 0) onEvent({ name: name || 'message', data: data.join('\n') });
    name = '';
    data = [];
  }
}
