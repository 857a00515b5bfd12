import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { modelServer, says, type ModelServer } from '../testing/model-server.ts';
import { Wire } from './wire.ts';

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

test('any byte, a ping too, ends a silence; only a long silence is reported', async () => {
  const held = model.hold().ping();
  const wire = new Wire(1000);
  const events = await open(wire);
  await events.next();

  for (let ping = 0; ping < 5; ping += 1) {
    const next = events.next();
    vi.advanceTimersByTime(999);
    held.ping();
    await next;
  }
  expect(wire.signal.aborted).toBe(false);

  const last = events.next();
  vi.advanceTimersByTime(1000);
  expect(wire.signal.reason).toMatchObject({ code: 'UPSTREAM_SILENT' });
  held.finish();
  await last;
});

test('time without a pending read does not count as silence', async () => {
  model.next(says('Hello'));
  const wire = new Wire(1000);
  const events = await open(wire);
  vi.advanceTimersByTime(5000);
  expect((await events.next()).done).toBe(false);
  vi.advanceTimersByTime(5000);
  expect(wire.signal.aborted).toBe(false);
  await events.return(undefined);
});

test('of a refusal’s body, too, though it calls itself a stream of events', async () => {
  model.next((wire) => {
    wire.head(500);
    wire.send(': and no more\n\n');
  });
  const wire = new Wire(1000);
  const refused = wire.fetch(model.url, { method: 'POST', body: '{}' }).catch((error: unknown) => error);
  await expect
    .poll(() => (vi.advanceTimersByTime(1000), wire.signal.reason))
    .toMatchObject({ code: 'UPSTREAM_SILENT' });
  expect(await refused).toMatchObject({ code: 'UPSTREAM_SILENT' });
});

test('a refusal’s body has to come within that time as a whole, however it comes', async () => {
  let sent = 0;
  model.next(async (wire) => {
    wire.head(500);
    const dripping = setInterval(() => {
      wire.send('x');
      sent += 1;
    }, 1);
    await wire.gone;
    clearInterval(dripping);
  });
  const wire = new Wire(1000);
  const refused = wire.fetch(model.url, { method: 'POST', body: '{}' }).catch((error: unknown) => error);
  await expect.poll(() => (vi.advanceTimersByTime(100), wire.signal.aborted)).toBe(true);
  expect(await refused).toMatchObject({ code: 'UPSTREAM_SILENT' });
  expect(sent).toBeGreaterThan(0);
});

test('the silence limit is shorter once the finish reason came', async () => {
  model.hold().ping();
  const wire = new Wire(1000);
  const events = await open(wire);
  await events.next();
  wire.shortenTimeout(200);
  const next = events.next();
  vi.advanceTimersByTime(200);
  expect(wire.signal.reason).toMatchObject({ code: 'UPSTREAM_SILENT' });
  await model.close();
  await expect(next).rejects.toMatchObject({ code: 'UPSTREAM_CUT' });
});

async function open(wire: Wire) {
  return wire.events(await wire.fetch(model.url, { method: 'POST', body: '{}' }));
}
