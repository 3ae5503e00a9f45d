import type { TextVectors } from "../domain/entities/policy.ts";

/** Vectors of an embeddings model around the middle of the examples: without that, all texts of one business point the same way. */
export interface MeaningSpace {
  readonly length: number;
  /** Of length 1; undefined for a text without a vector of this length. */
  of(text: string): Float32Array | undefined;
}

/** Learns the middle of the texts; undefined where one of them has no vector, or one of another length. */
export function learnSpace(texts: readonly string[], vectors: TextVectors): MeaningSpace | undefined {
  const known = texts.map((text) => vectors.of(text));
  const length = known[0]?.length ?? 0;
  if (length === 0 || known.some((vector) => vector?.length !== length)) return undefined;
  const middle = new Float64Array(length);
  for (const vector of known) for (let at = 0; at < length; at++) middle[at] = (middle[at] as number) + (vector?.[at] ?? 0) / known.length; // within bounds
  return {
    length,
    of(text) {
      const vector = vectors.of(text);
      return vector?.length === length ? around(middle, vector) : undefined;
    },
  };
}

/** Cosine of two vectors of length 1, from -1 to 1. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number); // within bounds
  return sum;
}

/** How near a text is to the nearest example of each label, from -1 to 1, in the order of the labels; -1 for a label without examples. */
export function nearestOf(
  vector: Float32Array,
  examples: readonly Float32Array[],
  owners: readonly number[],
  labelCount: number,
): Float64Array {
  const nearest = new Float64Array(labelCount).fill(-1);
  for (const [at, example] of examples.entries()) {
    const owner = owners[at] ?? -1;
    if (owner < 0) continue;
    nearest[owner] = Math.max(nearest[owner] ?? -1, cosineOf(vector, example));
  }
  return nearest;
}

// --- internal ---

/** A text in the very middle has no direction: it stays where it is. */
function around(middle: Float64Array, vector: Float32Array): Float32Array {
  const moved = Float32Array.from(vector, (value, at) => value - (middle[at] ?? 0));
  const norm = Math.sqrt(cosineOf(moved, moved));
  return norm > 1e-6 ? moved.map((value) => value / norm) : vector;
}
