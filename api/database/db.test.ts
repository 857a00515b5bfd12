import { createServer, type AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { db, openDatabase } from './db.ts';

test('a connection to PostgreSQL over which no answer comes is closed, in a transaction and out of it', async () => {
  let connections = 0;
  // Lets everybody in and is ready for a query (AuthenticationOk, ReadyForQuery), and never answers again.
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const database = await openDatabase({ url: `postgresql://somebody@127.0.0.1:${port}/confab` }, 100);
  try {
    await expect(db.$queryRaw`SELECT 1`).rejects.toThrow('PostgreSQL is silent');
    await expect(db.$transaction((tx) => tx.$queryRaw`SELECT 1`)).rejects.toThrow('PostgreSQL is silent');
    expect(connections).toBe(2);
    expect(database.poolState?.()).toEqual({ total: 0, idle: 0, waiting: 0 });
  } finally {
    await database.close();
    server.close();
  }
});
