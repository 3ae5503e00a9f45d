import { notTaken } from "./taken.ts";

export interface Gate {
  /** Waits for a free place and takes it; what it resolves to gives it back. Who gives up while waiting has sent nothing. */
  enter(signal: AbortSignal): Promise<() => void>;
}

/** Lets so many in at once, in the order in which they came. */
export function createGate(places: number): Gate {
  let free = places;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return {
    async enter(signal) {
      if (signal.aborted) throw notTaken("given up before it was begun");
      if (free > 0) free--;
      else await turn(waiting, signal);
      let hasLeft = false;
      return () => {
        if (!hasLeft) leave();
        hasLeft = true;
      };
    },
  };
}

// --- internal ---

function turn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      waiting.splice(waiting.indexOf(go), 1);
      reject(notTaken("given up while waiting for a connection"));
    };
    const go = (): void => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    waiting.push(go);
    signal.addEventListener("abort", giveUp, { once: true });
  });
}
