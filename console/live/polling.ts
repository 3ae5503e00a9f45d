import { type Hint, hintsBetween } from "./hints.ts";
import type { Refresher } from "./refresher.ts";

type Overview = Readonly<Record<string, unknown>>;

export interface PollingOptions {
  /** Reads the overview; undefined where the server does not answer. */
  readonly ask: () => Promise<Overview | undefined>;
  readonly refresher: Pick<Refresher, "take" | "takeAll">;
  /** The customers whom the page shows. */
  readonly shown: () => readonly string[];
}

/** Looks for changes where there is no stream. */
export interface Polling {
  /** Compares the overview with that of the last call; the first one finds that anything may have changed. */
  poll(): Promise<void>;
  /** Called while there is a stream: what the next poll is compared with is forgotten. */
  rest(): void;
}

/** Has its own last overview: the page reads it too, and would hide changes from the next comparison. */
export function createPolling({ ask, refresher, shown }: PollingOptions): Polling {
  let before: Overview | undefined;
  const take = (hints: readonly Hint[]): void => {
    for (const hint of hints) refresher.take(hint);
    // The overview does not name customers.
    if (hints.length > 0) for (const customerId of shown()) refresher.take({ topic: "customer", customerId });
  };
  return {
    async poll() {
      const after = await ask();
      if (after === undefined) return;
      if (before === undefined) refresher.takeAll(shown());
      else take(hintsBetween(before, after));
      before = after;
    },
    rest() {
      before = undefined;
    },
  };
}
