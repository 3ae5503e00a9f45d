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

/** How near a text is to each label, in the order of the labels. */
export interface Nearness {
  /** Cosine to the label's nearest example, from -1 to 1. */
  readonly nearest: Float64Array;
  /** What it adds to the label's score: its nearness to the label's nearest two examples and to the middle of all of them. */
  readonly pull: Float64Array;
}

/** Examples of labels by what they mean. */
export interface NearExamples {
  /** Undefined for a text without a vector. */
  of(text: string): Nearness | undefined;
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
  const middles = middlesOf(known, space.length, labelCount);
  return {
    of(text) {
      const vector = space.of(text);
      if (!vector) return undefined;
      const nearest = new Float64Array(labelCount).fill(-1);
      // Every label has two texts at least: an example, and its own name.
      const second = new Float64Array(labelCount).fill(-1);
      for (const [at, { owner }] of known.entries()) {
        const near = cosineAt(all, at * space.length, vector);
        const first = nearest[owner] as number; // an index of a label
        second[owner] = Math.max(second[owner] as number, Math.min(first, near)); // an index of a label
        nearest[owner] = Math.max(first, near);
      }
      const pull = nearest.map(
        (first, label) =>
          (OF_NEAREST * (first + (second[label] as number))) / 2 + OF_MIDDLE * cosineAt(middles, label * space.length, vector), // an index of a label
      );
      return { nearest, pull };
    },
  };
}

// --- internal ---

/**
 * What nearness adds to a score of about 1 for the label's own texts. Together they are worth a point where a label has 5 examples, and less
 * with more; twice as much loses with 150 labels.
 */
const OF_NEAREST = 1;
const OF_MIDDLE = 0.5;

interface OfLabel {
  readonly vector: Float32Array;
  readonly owner: number;
}

/** The middles of the labels' examples, of length 1, one after the other; zeros for a label without examples. */
function middlesOf(known: readonly OfLabel[], length: number, labelCount: number): Float32Array {
  const middles = new Float32Array(labelCount * length);
  for (const { vector, owner } of known)
    for (let at = 0; at < length; at++) middles[owner * length + at] = (middles[owner * length + at] as number) + (vector[at] as number); // within bounds
  for (let label = 0; label < labelCount; label++) {
    const middle = middles.subarray(label * length, (label + 1) * length);
    const norm = Math.sqrt(cosineOf(middle, middle));
    if (norm > 0) middle.set(middle.map((value) => value / norm));
  }
  return middles;
}

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
