import { setImmediate as turn } from "node:timers/promises";
import { SentientError } from "../domain/errors.ts";

/** Events of one batch at most: an event that can be taken has a hundred bytes, and a batch 500 KB. */
export const MOST_EVENTS = 10_000;

/**
 * Reads the elements of a batch, one after the other; other requests get their turn in between.
 *
 * @throws `TOO_LARGE` where there are more than `MOST_EVENTS`
 */
export async function readEach<T>(elements: readonly string[], read: (text: string) => T): Promise<T[]> {
  if (elements.length > MOST_EVENTS)
    throw new SentientError("TOO_LARGE", `${elements.length} events; at most ${MOST_EVENTS} are taken at once, send them in parts`);
  const readings: T[] = [];
  for (const [index, text] of elements.entries()) {
    if (index > 0 && index % AT_ONCE === 0) await turn();
    readings.push(read(text));
  }
  return readings;
}

// --- internal ---

const AT_ONCE = 200;
