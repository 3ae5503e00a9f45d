import { performance } from "node:perf_hooks";
import { type Calibration, calibrate, chooseThreshold, confidenceOf, type Judged } from "../../classifier/calibrate.ts";
import { type Classifier, type Example, learn } from "../../classifier/classifier.ts";
import type { TextVectors } from "../../domain/entities/policy.ts";
import { type Random, seededRandom, shuffled } from "../../domain/values/random.ts";
import type { Dataset, Texts } from "./data.ts";

/** Results of one trained classifier on unseen texts. Shares from 0 to 1. */
export interface Measured {
  /** Accuracy if every text is answered. */
  readonly accuracy: number;
  /** The same if answers below the threshold are withheld, with the share of out-of-scope texts left unanswered. */
  readonly atThreshold?: { readonly accuracy: number; readonly outsideRecall: number };
  /** Median over all texts: other load of the machine distorts the mean. */
  readonly msPerText: number;
  readonly trainMs: number;
}

/** Trains on everything; measured on the test file, else by cross-validation, else on halves of the validation texts. */
export function* measureFull(dataset: Dataset, vectors?: TextVectors): Generator<Measured> {
  const { train, validation, test } = dataset;
  if (test) return yield measure({ ...train, vectors }, validation, test);
  if (validation.inside.length === 0) {
    for (const { rest, fold } of foldsOf(train.inside, FOLDS))
      yield measure({ ...train, inside: rest, vectors }, validation, { inside: fold, outside: [] });
    return;
  }
  const trained = trainOn({ ...train, vectors });
  for (const [chosen, measured] of halvesOf(validation)) yield measureTrained(trained, chosen, measured);
}

/** Trains on a few texts per label, drawn anew each time; without a test file, measured on the rest. */
export function* measureShots(dataset: Dataset, shots: number, draws: number, vectors?: TextVectors): Generator<Measured> {
  for (let draw = 1; draw <= draws; draw++) {
    const random = seededRandom(`${shots} shots, draw ${draw}`);
    const { drawn, rest } = drawOf(dataset.train.inside, shots, random);
    const [chosen, measured] = unseenBy(dataset, rest, random);
    yield measure({ ...dataset.train, inside: drawn, vectors }, chosen, measured);
  }
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

// --- internal ---

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const FOLDS = 5;
/** Enough texts to measure a share within a percentage point, and quickly classified. */
const MEASURED = 3000;
/** Permitted loss of right answers, as a share of validation texts, for rejecting out-of-scope texts. */
const MAX_LOSS = 0.005;

interface ToLearn extends Texts {
  /** Vectors of an embeddings model; otherwise the classifier is one of words. */
  readonly vectors: TextVectors | undefined;
}

const measure = (train: ToLearn, validation: Texts, test: Texts): Measured => measureTrained(trainOn(train), validation, test);

interface Trained {
  readonly classifier: Classifier;
  readonly trainMs: number;
}

function trainOn({ inside, outside, vectors }: ToLearn): Trained {
  const started = performance.now();
  const classifier = learn({ examples: inside, outside, vectors });
  return { classifier, trainMs: performance.now() - started };
}

function measureTrained({ classifier, trainMs }: Trained, validation: Texts, test: Texts): Measured {
  const answers = test.inside.map(({ text, label }) => {
    const asked = performance.now();
    const best = classifier.best(text);
    return { best, label, ms: performance.now() - asked };
  });
  const msPerText = median(answers.map(({ ms }) => ms));
  const right = answers.filter(({ best, label }) => best?.label === label);
  const measured = {
    accuracy: balanced(answers.map(({ best, label }) => ({ label, isRight: best?.label === label }))),
    msPerText,
    trainMs,
  };
  if (validation.outside.length === 0 || test.outside.length === 0) return measured;
  const { calibration, threshold } = thresholdOn(classifier, validation);
  const isSure = (best: (typeof answers)[number]["best"]) => best !== undefined && confidenceOf(best.evidence, calibration) >= threshold;
  return {
    ...measured,
    atThreshold: {
      accuracy: right.filter(({ best }) => isSure(best)).length / answers.length,
      outsideRecall: test.outside.filter((text) => !isSure(classifier.best(text))).length / test.outside.length,
    },
  };
}

function thresholdOn(classifier: Classifier, { inside, outside }: Texts): { calibration: Calibration; threshold: number } {
  // Both kinds have equal total weight: the share of out-of-scope texts in validation data is arbitrary.
  const weight = inside.length / Math.max(1, outside.length) / 2;
  const judged: Judged[] = [
    ...inside.map(({ text, label }) => ({ best: classifier.best(text), label, weight: 1 })),
    ...outside.map((text) => ({ best: classifier.best(text), label: undefined, weight })),
  ].flatMap(({ best, label, weight }) => (best ? [{ evidence: best.evidence, isRight: best.label === label, weight }] : []));
  const calibration = calibrate(judged);
  const answers = judged
    .slice(0, inside.length)
    .map(({ evidence, isRight }) => ({ isRight, confidence: confidenceOf(evidence, calibration) }));
  return { calibration, threshold: chooseThreshold(answers, MAX_LOSS) };
}

/** The share of right answers with equal weight per label, as in the official test sets. */
function balanced(answers: readonly { readonly label: string; readonly isRight: boolean }[]): number {
  const byLabel = groupsOf(answers);
  return mean([...byLabel.values()].map((group) => group.filter(({ isRight }) => isRight).length / group.length));
}

function groupsOf<T extends { readonly label: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(item.label, [...(groups.get(item.label) ?? []), item]);
  return groups;
}

function drawOf(examples: readonly Example[], shots: number, random: Random): { drawn: Example[]; rest: Example[] } {
  const groups = [...groupsOf(examples).values()].map((group) => shuffled(group, random));
  return { drawn: groups.flatMap((group) => group.slice(0, shots)), rest: groups.flatMap((group) => group.slice(shots)) };
}

function unseenBy({ validation, test }: Dataset, rest: readonly Example[], random: Random): [chosen: Texts, measured: Texts] {
  if (test) return [validation, test];
  if (validation.inside.length === 0) return [validation, { inside: shuffled(rest, random).slice(0, MEASURED), outside: [] }];
  return halvesOf(validation)[0];
}

function halvesOf({ inside, outside }: Texts): [[Texts, Texts], [Texts, Texts]] {
  const half = (rest: number): Texts => ({
    inside: [...groupsOf(inside).values()].flatMap((group) => group.filter((_, at) => at % 2 === rest)),
    outside: outside.filter((_, at) => at % 2 === rest),
  });
  const [even, odd] = [half(0), half(1)];
  return [
    [even, odd],
    [odd, even],
  ];
}

function foldsOf(examples: readonly Example[], count: number): { rest: Example[]; fold: Example[] }[] {
  const random = seededRandom("folds");
  const dealt = [...groupsOf(examples).values()].flatMap((group) =>
    shuffled(group, random).map((example, at) => ({ example, at: at % count })),
  );
  return Array.from({ length: count }, (_, fold) => ({
    rest: dealt.filter(({ at }) => at !== fold).map(({ example }) => example),
    fold: dealt.filter(({ at }) => at === fold).map(({ example }) => example),
  }));
}
