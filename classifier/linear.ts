import { seededRandom } from "../domain/values/random.ts";
import type { Vector } from "./features.ts";

/** A linear score per label: the side and distance of a text from the label's hyperplane. */
export interface LinearModel {
  /** One score per label, in the order of the labels: about 1 for the label's own texts, about -1 for others. */
  scores(vector: Vector): Float64Array;
}

export interface LinearTask {
  readonly vectors: readonly Vector[];
  /** Label number of each vector; -1 for none. */
  readonly labels: readonly number[];
  readonly labelCount: number;
  readonly featureCount: number;
}

/**
 * Trains a one-versus-rest support vector machine with squared hinge loss per label, by dual coordinate descent (Hsieh et al. 2008),
 * all labels at once. Deterministic: the order of visits comes from a fixed seed.
 */
export function learnLinear(task: LinearTask): LinearModel {
  const { vectors, labels, labelCount, featureCount } = task;
  const weights = new Float32Array((featureCount + 1) * labelCount);
  const duals = new Float32Array(vectors.length * labelCount);
  const steps = new Float64Array(labelCount);
  const random = seededRandom("classifier");
  const order = Array.from(vectors, (_, index) => index);
  for (let round = 0; round < ROUNDS; round++) {
    shuffle(order, random);
    let largest = 0;
    for (const at of order) {
      const vector = vectors[at] as Vector; // an index of the list itself
      const scores = score(weights, vector, labelCount, featureCount);
      largest = Math.max(largest, moveDuals(scores, duals, at * labelCount, labels[at] ?? -1, steps));
      addSteps(weights, vector, steps, featureCount);
    }
    if (largest < CLOSE_ENOUGH) break;
  }
  return { scores: (vector) => score(weights, vector, labelCount, featureCount) };
}

// --- internal ---

/** Bound on the weight of one example. By cross-validation, 3 to 8 are equivalent; 1 is half a point worse with many examples. */
const COST = 4;
const ROUNDS = 15;
const CLOSE_ENOUGH = 0.01;
const SLACK = 1 / (2 * COST);
/** A vector's squared norm, 1, plus the constant feature and the slack. */
const CURVATURE = 2 + SLACK;

function score(weights: Float32Array, { indexes, values }: Vector, labelCount: number, featureCount: number): Float64Array {
  const scores = Float64Array.from(weights.subarray(featureCount * labelCount, (featureCount + 1) * labelCount));
  for (let at = 0; at < indexes.length; at++) {
    const row = (indexes[at] as number) * labelCount; // within bounds
    const value = values[at] as number; // within bounds
    for (let label = 0; label < labelCount; label++) scores[label] = (scores[label] as number) + value * (weights[row + label] as number); // within bounds
  }
  return scores;
}

/** Updates the duals of one example for every label; returns the largest step. */
function moveDuals(scores: Float64Array, duals: Float32Array, from: number, own: number, steps: Float64Array): number {
  let largest = 0;
  for (let label = 0; label < scores.length; label++) {
    const side = label === own ? 1 : -1;
    const dual = duals[from + label] as number; // within bounds
    const slope = side * (scores[label] as number) - 1 + SLACK * dual; // within bounds
    const next = Math.max(0, dual - slope / CURVATURE);
    duals[from + label] = next;
    steps[label] = (next - dual) * side;
    largest = Math.max(largest, Math.abs(next - dual));
  }
  return largest;
}

function addSteps(weights: Float32Array, { indexes, values }: Vector, steps: Float64Array, featureCount: number): void {
  const labelCount = steps.length;
  const moved = Array.from(steps.keys()).filter((label) => Math.abs(steps[label] as number) > 1e-6); // within bounds
  if (moved.length === 0) return;
  const add = (row: number, value: number) => {
    for (const label of moved) weights[row + label] = (weights[row + label] as number) + value * (steps[label] as number); // within bounds
  };
  for (let at = 0; at < indexes.length; at++) add((indexes[at] as number) * labelCount, values[at] as number); // within bounds
  add(featureCount * labelCount, 1);
}

function shuffle(order: number[], random: () => number): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number]; // within bounds
  }
}
