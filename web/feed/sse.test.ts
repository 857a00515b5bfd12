import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeClock } from '../testing/clock';
import { makeEventParser } from '../graphql/event-stream';
import {
  browserPlatform,
  makeSubscription,
  SILENCE_MS,
  waitAfter,
  type ConnectionState,
  type Platform,
  type Refusal,
  type SubscriptionRequest,
} from './sse';

interface Result {
  text?: string;
  isEnd?: boolean;
}

test('what a cut took is asked for again, from where we are', async () => {
  const server = makeServer(['say a', 'cut'], ['say b', 'end']);
  const client = subscribe(server);

  await client.closed;
  expect(client.text()).toBe('ab');
  expect(server.asked).toEqual([{ from: 0 }, { from: 1 }]);
});

test('an immediate reconnect reports no state', async () => {
  const server = makeServer(['say a', 'cut'], ['say b', 'end']);
  const states: ConnectionState[] = [];
  const client = subscribe(server, { onState: (state) => states.push(state) });

  await client.closed;
  expect(states).toEqual(['connecting', 'open', 'connecting', 'open', 'closed']);
});

test('a complete without an end is a cut', async () => {
  const server = makeServer(['say a', 'complete'], ['say b', 'end', 'complete']);
  const client = subscribe(server);

  await client.closed;
  expect(client.text()).toBe('ab');
});

test('nothing is asked for after the end', async () => {
  const server = makeServer(['say a', 'end', 'complete']);
  const client = subscribe(server);

  await client.closed;
  await server.clock.pass(60_000);
  expect(server.asked).toHaveLength(1);
});

test('a refusal ends the stream and is reported', async () => {
  const server = makeServer(['status 401']);
  const client = subscribe(server);

  expect(await client.closed).toMatchObject({ status: 401 });
  await server.clock.pass(60_000);
  expect(server.asked).toHaveLength(1);
});

test('a server that cannot serve us now is asked less and less often, but at least every 15 s', async () => {
  const server = makeServer(...Array.from({ length: 40 }, () => ['status 503']));
  const client = subscribe(server);

  await server.clock.pass(1_000);
  const afterOneSecond = server.asked.length;
  await server.clock.pass(119_000);
  client.close();
  expect(afterOneSecond).toBeGreaterThanOrEqual(2);
  expect(server.asked.length).toBeGreaterThanOrEqual(8 + afterOneSecond - 2);
  expect(server.asked.length).toBeLessThan(30);
});

test('to take long to say no is not to serve', async () => {
  const server = makeServer(...Array.from({ length: 40 }, () => ['status 503 after 3000']));
  const client = subscribe(server);

  await server.clock.pass(120_000);
  client.close();
  // Without a pause it would be 40.
  expect(server.asked.length).toBeGreaterThan(8);
  expect(server.asked.length).toBeLessThan(20);
});

test('a connection without a byte for 40 s is dead, and one with comments alone is not', async () => {
  const server = makeServer(['say a', 'silence'], ['say b', 'end']);
  const client = subscribe(server);

  await server.clock.pass(SILENCE_MS - 1_000);
  server.write(':\n\n');
  await server.clock.pass(SILENCE_MS - 1_000);
  expect(server.asked).toHaveLength(1);

  await server.clock.pass(2_000);
  await client.closed;
  expect(client.text()).toBe('ab');
});

test('where there are ticks, comments alone are silence, and a piece of a tick is not', async () => {
  const server = makeServer(['say a', 'silence'], ['say b', 'silence'], ['say c', 'end']);
  const client = subscribe(server, { hasTicks: true });

  await server.clock.pass(SILENCE_MS - 1_000);
  server.write(':\n\n');
  await server.clock.pass(1_000);
  expect(server.asked).toHaveLength(2);
  await server.clock.pass(SILENCE_MS - 1_000);
  server.write('event: next\ndata: {"te');
  await server.clock.pass(SILENCE_MS - 1_000);
  expect(server.asked).toHaveLength(2);

  await server.clock.pass(1_000);
  await client.closed;
  expect(client.text()).toBe('abc');
});

test('on another network the old connection is not waited for', async () => {
  const server = makeServer(['say a', 'silence'], ['say b', 'silence'], ['say c', 'end']);
  const client = subscribe(server);

  await server.clock.pass(0);
  server.wake('shown');
  await server.clock.pass(0);
  expect(server.asked).toHaveLength(1);
  for (let times = 0; times < 2; times += 1) {
    server.wake('online');
    await server.clock.pass(0);
  }
  await client.closed;
  expect(client.text()).toBe('abc');
});

test('a fault of our own comes to light, and is no reason for haste', async () => {
  const server = makeServer(...Array.from({ length: 40 }, () => ['say a', 'silence']));
  const faults: unknown[] = [];
  vi.stubGlobal('queueMicrotask', (call: () => void) => {
    Promise.resolve()
      .then(call)
      .catch((fault) => faults.push(fault));
  });
  const client = subscribe(server, {
    onResult: () => {
      throw new Error('A fault of ours.');
    },
  });

  await server.clock.pass(60_000);
  client.close();
  vi.unstubAllGlobals();
  expect(faults).toHaveLength(server.asked.length);
  expect(faults[0]).toEqual(new Error('A fault of ours.'));
  expect(server.asked.length).toBeLessThan(20);
});

test('waking up ends the wait', async () => {
  const server = makeServer(['status 503'], ['status 503'], ['status 503'], ['status 503'], ['say a', 'end']);
  const client = subscribe(server);

  await server.clock.pass(0);
  while (server.asked.length < 5) {
    server.wake('shown');
    await server.clock.pass(0);
  }
  await client.closed;
  expect(server.clock.now()).toBe(0);
});

test('closing stops everything, and says so once', async () => {
  const states: ConnectionState[] = [];
  const server = makeServer(['say a', 'silence']);
  const client = subscribe(server, { onState: (state) => states.push(state) });

  await server.clock.pass(10);
  client.close();
  await server.clock.pass(120_000);
  expect(server.asked).toHaveLength(1);
  expect(states).toEqual(['connecting', 'open', 'closed']);
});

test('those who were cut off together do not come again together, and none too soon or too late', () => {
  const waits = [0, 0.5, 1].map((random) => waitAfter(4, { random: () => random }));
  expect(waits).toEqual([500, 2_250, 4_000]);
  // However long it lasts.
  expect(waitAfter(100, { random: () => 0 })).toBe(500);
  expect(waitAfter(100, { random: () => 1 })).toBe(15_000);
});

describe('the browser', () => {
  afterEach(() => vi.restoreAllMocks());

  test('calls when the network returns and when the page is shown, not when it is hidden', () => {
    const wake = vi.fn();
    const stop = browserPlatform.onWake(wake);
    window.dispatchEvent(new Event('online'));
    expect(wake.mock.calls).toEqual([['online']]);
    for (const visibility of ['hidden', 'visible'] as const) {
      vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility);
      document.dispatchEvent(new Event('visibilitychange'));
    }
    expect(wake.mock.calls).toEqual([['online'], ['shown']]);

    stop();
    window.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    expect(wake).toHaveBeenCalledTimes(2);
  });

  test('gives each a wait of its own', () => {
    const waits = Array.from({ length: 10 }, () => waitAfter(4, browserPlatform));
    expect(new Set(waits).size).toBeGreaterThan(1);
  });
});

describe('the parser of event streams', () => {
  test('finds the same events however the text is cut', () => {
    const line = fc.constantFrom('a', '', ' b', 'c:d', 'ю', '{"x":1}');
    const event = fc.record({
      name: fc.constantFrom('next', 'complete'),
      data: fc.array(line, { minLength: 1, maxLength: 3 }),
    });
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 5 }),
        ending,
        fc.infiniteStream(fc.integer({ min: 1, max: 5 })),
        (events, end, cuts) => {
          const text = events
            .map(
              ({ name, data }) => [`event: ${name}`, ...data.map((each) => `data: ${each}`), ':', ''].join(end) + end,
            )
            .join('');
          const found: unknown[] = [];
          const parse = makeEventParser((each) => found.push(each));
          for (let at = 0; at < text.length;) {
            const size = cuts.next().value;
            parse(text.slice(at, at + size));
            at += size;
          }
          // Of a lone CR at the very end it is not known yet whether it is a whole line break.
          parse('\n');
          expect(found).toEqual(events.map(({ name, data }) => ({ name, data: data.join('\n') })));
        },
      ),
    );
  });
});

function subscribe(server: ReturnType<typeof makeServer>, more: Partial<SubscriptionRequest<Result>> = {}) {
  let text = '';
  let close = () => {};
  const closed = new Promise<Refusal | null>((resolve) => {
    close = makeSubscription<Result>(
      {
        url: '/graphql',
        body: () => ({ from: text.length }),
        isEnd: (result) => result.isEnd ?? false,
        onResult: (result) => (text += result.text ?? ''),
        onClose: resolve,
        ...more,
      },
      server.platform,
    );
  });
  return { closed, close: () => close(), text: () => text };
}

/** A server that plays one script per connection: `say <text>`, `end`, `complete`, `cut`, `silence`, `status <code>`, the last also `after <ms>`. */
function makeServer(...scripts: string[][]) {
  const clock = makeClock();
  const asked: unknown[] = [];
  const wakers = new Set<Parameters<Platform['onWake']>[0]>();
  let open: ReadableStreamDefaultController<Uint8Array> | undefined;
  const write = (words: string) => open?.enqueue(new TextEncoder().encode(words));

  const platform: Platform = {
    now: clock.now,
    after: clock.after,
    random: () => 0.5,
    onWake: (call) => {
      wakers.add(call);
      return () => wakers.delete(call);
    },
    fetch: (_url, init) => {
      asked.push(JSON.parse(init?.body as string));
      const script = scripts[asked.length - 1] ?? ['silence'];
      const status = /^status (\d+)(?: after (\d+))?$/.exec(script[0] ?? '');
      if (status) {
        const answer = new Response('no', { status: Number(status[1]) });
        return new Promise((resolve) => clock.after(Number(status[2] ?? 0), () => resolve(answer)));
      }
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          open = controller;
          init?.signal?.addEventListener('abort', () => {
            try {
              controller.error(new Error('aborted'));
            } catch {
              // Closed before.
            }
          });
          for (const step of script) play(step, controller);
        },
      });
      return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    },
  };

  function play(step: string, controller: ReadableStreamDefaultController<Uint8Array>) {
    if (step.startsWith('say ')) write(`event: next\ndata: ${JSON.stringify({ text: step.slice(4) })}\n\n`);
    if (step === 'end') write(`event: next\ndata: ${JSON.stringify({ isEnd: true })}\n\n`);
    if (step === 'complete') write('event: complete\ndata:\n\n');
    if (step === 'complete' || step === 'cut') controller.close();
  }

  return {
    platform,
    asked,
    clock,
    write,
    wake: (why: 'online' | 'shown') => wakers.forEach((call) => call(why)),
  };
}
