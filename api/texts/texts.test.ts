import { expect, test } from 'vitest';

import { noTextWire } from './text-wire.ts';
import { RunTexts } from './texts.ts';

test('a reader waits no longer for other nodes’ words when the run is taken here', async () => {
  const texts = new RunTexts();
  const hangs = { ready: new Promise<void>(() => undefined), [Symbol.dispose]() {} };
  const nothing = { find: () => Promise.resolve([]), isOurs: () => Promise.resolve(true) };
  const stop = texts.use({ ...noTextWire, mirror: () => hangs }, nothing);
  using reading = texts.hold('a run');
  let isReady = false;
  const waiting = reading.ready.then(() => (isReady = true));
  await Promise.resolve();
  expect(isReady).toBe(false);

  using _writing = texts.own('a run');
  await waiting;
  stop();
}, 1_000);
