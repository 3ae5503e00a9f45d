/** A counting semaphore: limits work in flight to a number of permits; waiters acquire in FIFO order. */
export interface Semaphore {
  /** Resolves to the function that releases the permit; to undefined if the signal aborts first. Releasing twice has no effect. */
  acquire(signal: AbortSignal): Promise<(() => void) | undefined>;
}

export function createSemaphore(permits: number): Semaphore {
  let available = permits;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else available++;
  };
  const releaseOnce = (): (() => void) => {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      release();
    };
  };
  return {
    acquire(signal) {
      if (signal.aborted) return Promise.resolve(undefined);
      if (available > 0) {
        available--;
        return Promise.resolve(releaseOnce());
      }
      return new Promise((resolve) => {
        const grant = (): void => {
          signal.removeEventListener("abort", giveUp);
          resolve(releaseOnce());
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(grant), 1);
          resolve(undefined);
        };
        waiting.push(grant);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}
