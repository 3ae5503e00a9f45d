import { normal, type Random } from "../domain/values/random.ts";

/** A draw from a gamma distribution of a scale of 1 (Marsaglia and Tsang 2000). */
export function gammaDraw(shape: number, random: Random): number {
  // A small shape is drawn through the next larger one, by the same paper.
  if (shape < 1) return gammaDraw(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = normal(random);
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - random()) < (z * z) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A wait until what comes at a rate of 1. */
export const wait = (random: Random): number => -Math.log(1 - random());
