/** Tests run in Node, also those of the page, to which it is unknown. */
declare const setImmediate: (call: (nothing: unknown) => void) => void;

/** A clock that stands still until the test moves it. */
export function makeClock() {
  let time = 0;
  const timers = new Set<{ at: number; call: () => void }>();
  /** Whatever is under way without a timer comes first. */
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => time,
    after: (ms: number, call: () => void) => {
      const timer = { at: time + ms, call };
      timers.add(timer);
      // No waiting is no waiting, even for a clock that stands.
      if (ms === 0) queueMicrotask(() => timers.delete(timer) && call());
      return () => void timers.delete(timer);
    },
    pass: async (ms: number) => {
      const until = time + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= until).toSorted((one, other) => one.at - other.at);
        if (!next) break;
        timers.delete(next);
        time = next.at;
        next.call();
        await settle();
      }
      time = until;
    },
  };
}
