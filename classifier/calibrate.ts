/** Evidence for a label before calibration: the same few numbers whatever the number of examples. */
export interface Evidence {
  /** Score of the label, and of the best other label. */
  readonly own: number;
  readonly other: number;
  /** Share of the text, by word weight, that occurs in any label's examples, and in this label's examples. */
  readonly known: number;
  readonly shared: number;
  /** Cosine of what the text means to the label's nearest example, from -1 to 1; undefined where only words are known. */
  readonly near?: number;
}

/** Coefficients of the evidence, the constant first. */
export type Calibration = readonly [constant: number, own: number, other: number, known: number, shared: number, near?: number];

/** Confidence that the label is meant, from 0 to 1. */
export function confidenceOf(evidence: Evidence, calibration: Calibration): number {
  return 1 / (1 + Math.exp(-dot(calibration, numbersOf(evidence))));
}

export interface Judged {
  readonly evidence: Evidence;
  readonly isRight: boolean;
  readonly weight?: number;
}

/** Fits the coefficients to judged examples: logistic regression by Newton's method, with a small ridge that keeps them finite. */
export function calibrate(judged: readonly Judged[]): Calibration {
  let weights: number[] = numbersOf(judged[0]?.evidence ?? NO_EVIDENCE).map(() => 0);
  for (let round = 0; round < 25; round++) {
    const gradient = weights.map((weight) => RIDGE * weight);
    const curvature = weights.map((_, row) => weights.map((__, column) => (row === column ? RIDGE : 0)));
    for (const { evidence, isRight, weight = 1 } of judged)
      addExample(numbersOf(evidence), Number(isRight), weight, { weights, gradient, curvature });
    const step = solve(curvature, gradient);
    weights = weights.map((weight, at) => weight - (step[at] ?? 0));
  }
  const [constant = 0, own = 0, other = 0, known = 0, shared = 0, near] = weights;
  return near === undefined ? [constant, own, other, known, shared] : [constant, own, other, known, shared, near];
}

/** A validation text: confidence of the best label, and whether it was right. */
export interface Answer {
  readonly confidence: number;
  readonly isRight: boolean;
}

/**
 * The highest threshold that loses at most the share `givenUp` of the right answers on validation texts. Everything else below it is
 * out of scope.
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

const NO_EVIDENCE: Evidence = { own: 0, other: 0, known: 0, shared: 0 };

const numbersOf = ({ own, other, known, shared, near }: Evidence): number[] =>
  near === undefined ? [1, own, other, known, shared] : [1, own, other, known, shared, near];

const dot = (a: readonly (number | undefined)[], b: readonly number[]): number =>
  b.reduce((sum, value, at) => sum + value * (a[at] ?? 0), 0);

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

/** Solves a small symmetric positive definite system by elimination. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  let rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
  for (let at = 0; at < right.length; at++) {
    const pivot = rows[at]?.[at] ?? 1;
    const line = (rows[at] ?? []).map((value) => value / pivot);
    rows = rows.map((row, index) => (index === at ? line : row.map((value, column) => value - (row[at] ?? 0) * (line[column] ?? 0))));
  }
  return rows.map((row) => row[right.length] ?? 0);
}
