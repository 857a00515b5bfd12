/** A line between client and server on which all goes wrong that can: it breaks, falls silent, and says again what was said before. */
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { chanceFrom } from '../../api/testing/chance.ts';

export interface BadLine {
  url: string;
  /** Of each reader, by the name in its `x-reader` header: how often its line broke or fell silent. */
  faults: Map<string, number>;
  close: () => void;
}

/** Each reader has so many faults, at moments that the seed decides; after that its line is good. */
export async function badLine(
  upstream: string,
  { faultsEach, seed }: { faultsEach: number; seed: number },
): Promise<BadLine> {
  const faults = new Map<string, number>();
  /** What a reader asked for, so that it can be asked again in the place of something newer. */
  const askedFor = new Map<string, string[]>();
  const random = chanceFrom(seed);

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };

  async function serve(request: IncomingMessage, response: ServerResponse) {
    const pieces = await Array.fromAsync<Buffer>(request);
    const body = Buffer.concat(pieces).toString();
    const reader = String(request.headers['x-reader']);
    const earlier = askedFor.get(reader) ?? [];
    askedFor.set(reader, [...earlier, body]);
    const count = faults.get(reader) ?? 0;
    const isBad = count < faultsEach;
    // In the place of the newest request, now and then, an earlier one.
    const isRepeat = isBad && earlier.length > 0 && random() < 0.3;
    const sent = isRepeat ? (earlier[Math.floor(random() * earlier.length)] ?? body) : body;
    let left = isBad ? Math.floor(random() ** 2 * 2_000) : Infinity;
    const isSilent = random() < 0.04;
    if (isBad) faults.set(reader, count + 1);

    const headers = { ...request.headers, host: new URL(upstream).host, 'content-length': Buffer.byteLength(sent) };
    const asking = ask(upstream + request.url, { method: 'POST', headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, { 'content-type': answer.headers['content-type'] ?? '' });
      response.flushHeaders();
      answer.on('data', (chunk: Buffer) => {
        if (left <= 0) return;
        // As long as the line is bad, the end does not arrive over it.
        const end = chunk.toString('latin1').search(/MessageEnd|COMPLETED/);
        if (isBad && end >= 0) left = Math.min(left, end);
        const piece = chunk.subarray(0, left);
        left -= piece.length;
        response.write(piece, () => left <= 0 && !isSilent && response.destroy());
      });
      answer.on('end', () => response.end());
      answer.on('error', () => response.destroy());
    });
    asking.on('error', () => response.destroy());
    response.on('close', () => asking.destroy());
    asking.end(sent);
  }
}
