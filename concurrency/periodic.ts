/** Starts a repeating timer and returns its cancellation. Tests pass their own. */
export type StartTimer = (tick: () => void, everyMs: number) => () => void;

export interface PeriodicOptions {
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
  /** Receives the failure of a run; the next tick tries again. */
  readonly onError: (error: unknown) => void;
  /** True: a run may start while another one is in flight, so that one that hangs holds no other up. */
  readonly mayOverlap?: boolean;
  /** Default: an interval that does not keep the process alive. */
  readonly startTimer?: StartTimer;
}

export interface Periodic {
  /** Runs first after `everyMs`. */
  start(): void;
  /** Graceful stop: cancels the timer and waits for the runs in flight. */
  stop(): Promise<void>;
}

/**
 * One periodic job. By default runs do not overlap: a tick is skipped while a run is in flight, because a run that waits for a lock
 * holds its connection, and a second one would take another.
 */
export function every({ everyMs, run, onError, mayOverlap = false, startTimer = unrefInterval }: PeriodicOptions): Periodic {
  let cancel = (): void => {};
  const inFlight = new Set<Promise<void>>();
  const once = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      onError(error);
    }
  };
  return {
    start() {
      cancel();
      cancel = startTimer(() => {
        if (inFlight.size > 0 && !mayOverlap) return;
        const begun = once().finally(() => inFlight.delete(begun));
        inFlight.add(begun);
      }, everyMs);
    },
    async stop() {
      cancel();
      await Promise.all(inFlight);
    },
  };
}

// --- internal ---

function unrefInterval(tick: () => void, everyMs: number): () => void {
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
