/** What speaks for a label being meant, before it is weighed: the same few numbers whatever the size of the examples. */
export interface Evidence {
  /** Score of the label, and of the best other one. */
  readonly own: number;
  readonly other: number;
  /** Share of the text, by weight of its words, that any label's examples have, and that this label's examples have. */
  readonly known: number;
  readonly shared: number;
}

/** Weights of the evidence, the constant first. */
export type Calibration = readonly [constant: number, own: number, other: number, known: number, shared: number];

/** How sure it is that the label is meant, from 0 to 1. */
export function confidenceOf(evidence: Evidence, calibration: Calibration): number {
  return 1 / (1 + Math.exp(-dot(calibration, numbersOf(evidence))));
}

export interface Judged {
  readonly evidence: Evidence;
  readonly isRight: boolean;
  readonly weight?: number;
}

/** Fits the weights to judged examples: logistic regression by Newton's method, with a small ridge that keeps it finite. */
export function calibrate(judged: readonly Judged[]): Calibration {
  let weights: number[] = [0, 0, 0, 0, 0];
  for (let round = 0; round < 25; round++) {
    const gradient = weights.map((weight) => RIDGE * weight);
    const curvature = weights.map((_, row) => weights.map((__, column) => (row === column ? RIDGE : 0)));
    for (const { evidence, isRight, weight = 1 } of judged)
      addExample(numbersOf(evidence), Number(isRight), weight, { weights, gradient, curvature });
    const step = solve(curvature, gradient);
    weights = weights.map((weight, at) => weight - (step[at] ?? 0));
  }
  const [constant = 0, own = 0, other = 0, known = 0, shared = 0] = weights;
  return [constant, own, other, known, shared];
}

/** A text with a known answer: how sure the best label was, and whether it was right. */
export interface Answer {
  readonly confidence: number;
  readonly isRight: boolean;
}

/**
 * The highest threshold that gives up at most a share of the right answers on validation texts. What it refuses beyond
 * them is what is out of scope.
 */
export function chooseThreshold(answers: readonly Answer[], givenUp: number): number {
  const right = answers
    .filter(({ isRight }) => isRight)
    .map(({ confidence }) => confidence)
    .sort((a, b) => a - b);
  return right[Math.floor(givenUp * answers.length)] ?? 0;
}

// --- internal ---

const RIDGE = 0.01;

const numbersOf = ({ own, other, known, shared }: Evidence): number[] => [1, own, other, known, shared];

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

interface Sums {
  readonly weights: readonly number[];
  readonly gradient: number[];
  readonly curvature: number[][];
}

function addExample(values: readonly number[], wanted: number, weight: number, { weights, gradient, curvature }: Sums): void {
  const share = 1 / (1 + Math.exp(-dot(weights, values)));
  const slope = weight * (share - wanted);
  const bend = weight * share * (1 - share);
  for (const [row, value] of values.entries()) {
    gradient[row] = (gradient[row] ?? 0) + slope * value;
    const line = curvature[row] ?? [];
    for (const [column, other] of values.entries()) line[column] = (line[column] ?? 0) + bend * value * other;
  }
}

/** Solves a small symmetric positive system by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  let rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
  for (let at = 0; at < right.length; at++) {
    const pivot = rows[at]?.[at] ?? 1;
    const line = (rows[at] ?? []).map((value) => value / pivot);
    rows = rows.map((row, index) => (index === at ? line : row.map((value, column) => value - (row[at] ?? 0) * (line[column] ?? 0))));
  }
  return rows.map((row) => row[right.length] ?? 0);
}
