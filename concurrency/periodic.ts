/** Starts a repeating timer and returns its cancellation. Tests pass their own. */
export type StartTimer = (tick: () => void, everyMs: number) => () => void;

export interface PeriodicOptions {
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
  /** Receives the failure of a run; the next tick tries again. */
  readonly onError: (error: unknown) => void;
  /** Default: an interval that does not keep the process alive. */
  readonly startTimer?: StartTimer;
}

export interface Periodic {
  /** Runs first after `everyMs`. */
  start(): void;
  /** Graceful stop: cancels the timer and waits for the run in flight. */
  stop(): Promise<void>;
}

/**
 * One periodic job. Runs never overlap: a tick is skipped while a run is in flight, because a run that waits for a lock
 * holds its connection, and a second one would take another.
 */
export function every({ everyMs, run, onError, startTimer = unrefInterval }: PeriodicOptions): Periodic {
  let cancel = (): void => {};
  let inFlight: Promise<void> | undefined;
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
        inFlight ??= once().finally(() => {
          inFlight = undefined;
        });
      }, everyMs);
    },
    async stop() {
      cancel();
      await inFlight;
    },
  };
}

// --- internal ---

function unrefInterval(tick: () => void, everyMs: number): () => void {
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
