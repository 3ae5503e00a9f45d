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
  return cosineAt(a, 0, b);
}

/** Examples of labels by what they mean. */
export interface NearExamples {
  /** How near a text is to the nearest example of each label, from -1 to 1; undefined for a text without a vector. */
  of(text: string): Float64Array | undefined;
}

/** @param owners the label number of each text; -1 for none */
export function learnNearness(space: MeaningSpace, texts: readonly string[], owners: readonly number[], labelCount: number): NearExamples {
  const known = texts.flatMap((text, at) => {
    const [vector, owner = -1] = [space.of(text), owners[at]];
    return vector && owner >= 0 ? [{ vector, owner }] : [];
  });
  // One after the other in memory: with thousands of examples that is several times as fast.
  const all = new Float32Array(known.length * space.length);
  for (const [at, { vector }] of known.entries()) all.set(vector, at * space.length);
  return {
    of(text) {
      const vector = space.of(text);
      if (!vector) return undefined;
      const nearest = new Float64Array(labelCount).fill(-1);
      for (const [at, { owner }] of known.entries()) {
        const near = cosineAt(all, at * space.length, vector);
        if (near > (nearest[owner] as number)) nearest[owner] = near; // an index of a label
      }
      return nearest;
    },
  };
}

// --- internal ---

function cosineAt(all: Float32Array, from: number, vector: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += (all[from + at] as number) * (vector[at] as number); // within bounds
  return sum;
}

/** A text in the very middle has no direction: it stays where it is. */
function around(middle: Float64Array, vector: Float32Array): Float32Array {
  const moved = Float32Array.from(vector, (value, at) => value - (middle[at] ?? 0));
  const norm = Math.sqrt(cosineOf(moved, moved));
  return norm > 1e-6 ? moved.map((value) => value / norm) : vector;
}
