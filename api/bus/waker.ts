/** Lets one loop sleep until something wakes it. What wakes it while it is awake keeps it from falling asleep. */
export class Waker {
  #isWoken = false;
  #resolve: (() => void) | null = null;

  readonly wake = (): void => {
    this.#isWoken = true;
    this.#resolve?.();
    this.#resolve = null;
  };

  async sleep(): Promise<void> {
    if (!this.#isWoken) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#isWoken = false;
  }
}
