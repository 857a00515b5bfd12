import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { modelServer, says, type ModelServer } from '../testing/model-server.ts';
import { watchWire } from './wire.ts';

let model: ModelServer;

// Our clock alone stands still; sockets have one of their own.
beforeEach(async () => {
  model = await modelServer();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await model.close();
});

test('any byte, a ping too, ends a silence; only a long one is told', async () => {
  const held = model.hold().ping();
  const wire = watchWire(1000);
  const body = await open(wire);
  await body.read();

  for (let ping = 0; ping < 5; ping += 1) {
    const read = body.read();
    await untilListening();
    vi.advanceTimersByTime(999);
    held.ping();
    await read;
  }
  expect(wire.signal.aborted).toBe(false);

  const last = body.read();
  await untilListening();
  vi.advanceTimersByTime(1000);
  expect(wire.signal.reason).toMatchObject({ code: 'UPSTREAM_SILENT' });
  held.finish();
  await last;
});

test('it is no silence of theirs while we do not listen', async () => {
  model.next(says('Hello'));
  const wire = watchWire(1000);
  const body = await open(wire);
  vi.advanceTimersByTime(5000);
  expect(vi.getTimerCount()).toBe(0);
  expect((await body.read()).done).toBe(false);
  expect(wire.signal.aborted).toBe(false);
});

async function open(wire: ReturnType<typeof watchWire>) {
  const response = await wire.fetch(model.url, { method: 'POST', body: '{}' });
  return response.body!.getReader();
}

async function untilListening(): Promise<void> {
  while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
}
