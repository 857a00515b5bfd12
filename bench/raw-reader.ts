import { connect, type Socket } from 'node:net';

export interface RawReader {
  readonly socket: Socket;
  /** Bytes read, headers and framing included. */
  readonly received: () => number;
  /** Resolves when the other side is done or gone. */
  readonly ended: Promise<void>;
}

/** A subscription over a socket of its own, so that the client costs next to nothing. `onText` gets what comes, as it comes. */
export function followWith(
  url: string,
  body: object,
  headers: Record<string, string>,
  onText: (text: string) => void,
): RawReader {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const sent = JSON.stringify(body);
  const all = {
    ...headers,
    host: `${hostname}:${port}`,
    accept: 'text/event-stream',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(sent)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(`POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${sent}`);
  socket.on('data', (chunk) => onText(chunk.toString('latin1')));
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
    socket.once('end', () => resolve());
  });
  return { socket, received: () => socket.bytesRead, ended };
}
