import { createSemaphore } from "../concurrency/semaphore.ts";
import { rejected } from "./outcome.ts";

export interface Gate {
  /**
   * Waits for a free place and takes it; the returned function releases it. An abort while waiting is `rejected`: nothing was
   * sent.
   */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** Bounds concurrent sends, in the order of arrival. */
export function createGate(places: number): Gate {
  const semaphore = createSemaphore(places);
  return {
    async enter(signal) {
      if (signal.aborted) throw rejected("given up before it was begun");
      const leave = await semaphore.acquire(signal);
      if (!leave) throw rejected("given up while waiting for a connection");
      return leave;
    },
  };
}
