import { hash } from "node:crypto";

/** A generator of numbers in [0, 1): the same sequence for the same seed text on every machine. */
export type Random = () => number;

/** Seeds a generator (mulberry32) from a text. */
export function seededRandom(seed: string): Random {
  // As a string, which takes half of the time of a buffer: a decision may draw for thousands.
  const bytes = hash("sha256", seed, "binary");
  let state = bytes.charCodeAt(0) | (bytes.charCodeAt(1) << 8) | (bytes.charCodeAt(2) << 16) | (bytes.charCodeAt(3) << 24);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A standard normal draw (Box and Muller 1958). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/** The items in a random order. */
export const shuffled = <T>(items: readonly T[], random: Random): T[] =>
  items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);

/** A stable share in [0, 1) of a text, for groups that must not change. */
export const shareOf = (text: string): number => hash("sha256", text, "buffer").readUIntBE(0, 6) / 2 ** 48;
