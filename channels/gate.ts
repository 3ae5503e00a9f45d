import { createSemaphore } from "../concurrency/semaphore.ts";
import { notTaken } from "./outcome.ts";

export interface Gate {
  /** Waits for a free place and takes it; what it resolves to gives it back. Who gives up while waiting has sent nothing. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** Lets so many in at once, in the order in which they came. */
export function createGate(places: number): Gate {
  const semaphore = createSemaphore(places);
  return {
    async enter(signal) {
      if (signal.aborted) throw notTaken("given up before it was begun");
      const leave = await semaphore.acquire(signal);
      if (!leave) throw notTaken("given up while waiting for a connection");
      return leave;
    },
  };
}
