import { setImmediate as turn } from "node:timers/promises";
import { SentientError } from "../domain/errors.ts";

/** Maximum events of one batch: a valid event has at least a hundred bytes, and a batch 500 KB. */
export const MOST_EVENTS = 10_000;

/**
 * Reads entries one by one and yields to other requests in between.
 *
 * @throws `TOO_LARGE` where there are more than `most`
 */
export async function readEach<Item, T>(
  items: readonly Item[],
  read: (item: Item) => T,
  { most, what }: { most: number; what: string } = { most: MOST_EVENTS, what: "events" },
): Promise<T[]> {
  if (items.length > most)
    throw new SentientError("TOO_LARGE", `${items.length} ${what}; at most ${most} are taken at once, send them in parts`);
  const readings: T[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % AT_ONCE === 0) await turn();
    readings.push(read(item));
  }
  return readings;
}

// --- internal ---

const AT_ONCE = 200;
