import { performance } from "node:perf_hooks";
import { type Calibration, calibrate, chooseThreshold, confidenceOf, type Judged } from "../../classifier/calibrate.ts";
import { type Classifier, type Example, learn } from "../../classifier/classifier.ts";
import { type Random, seededRandom, shuffled } from "../../domain/values/random.ts";
import type { Dataset, Texts } from "./data.ts";

/** What one trained classifier did on texts it had not seen. Shares from 0 to 1. */
export interface Measured {
  /** Right answers where every text gets one. */
  readonly accuracy: number;
  /** The same, and of texts out of scope those that get no answer, where answers below the threshold are withheld. */
  readonly atThreshold?: { readonly accuracy: number; readonly outsideRecall: number };
  /** The middle one of all texts: what else the machine does shows in the mean. */
  readonly msPerText: number;
  readonly trainMs: number;
}

/** Trains on everything: measured on the test file, or else by cross-validation, or else on halves of the validation texts. */
export function* measureFull(dataset: Dataset): Generator<Measured> {
  const { train, validation, test } = dataset;
  if (test) return yield measure(train, validation, test);
  if (validation.inside.length === 0) {
    for (const { rest, fold } of foldsOf(train.inside, FOLDS))
      yield measure({ ...train, inside: rest }, validation, { inside: fold, outside: [] });
    return;
  }
  const trained = trainOn(train);
  for (const [chosen, measured] of halvesOf(validation)) yield measureTrained(trained, chosen, measured);
}

/** Trains on a few texts a label, drawn anew each time; what is not drawn is measured where there is no test file. */
export function* measureShots(dataset: Dataset, shots: number, draws: number): Generator<Measured> {
  for (let draw = 1; draw <= draws; draw++) {
    const random = seededRandom(`${shots} shots, draw ${draw}`);
    const { drawn, rest } = drawOf(dataset.train.inside, shots, random);
    const [chosen, measured] = unseenBy(dataset, rest, random);
    yield measure({ ...dataset.train, inside: drawn }, chosen, measured);
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
/** So many texts tell a share within a percentage point, and are soon read. */
const MEASURED = 3000;
/** How many right answers may be given up, as a share of validation texts, for refusing what is out of scope. */
const GIVEN_UP = 0.005;

const measure = (train: Texts, validation: Texts, test: Texts): Measured => measureTrained(trainOn(train), validation, test);

interface Trained {
  readonly classifier: Classifier;
  readonly trainMs: number;
}

function trainOn({ inside, outside }: Texts): Trained {
  const started = performance.now();
  const classifier = learn({ examples: inside, outside });
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
  // Both kinds weigh the same together: how often texts are out of scope in validation data is an accident.
  const weight = inside.length / Math.max(1, outside.length) / 2;
  const judged: Judged[] = [
    ...inside.map(({ text, label }) => ({ best: classifier.best(text), label, weight: 1 })),
    ...outside.map((text) => ({ best: classifier.best(text), label: undefined, weight })),
  ].flatMap(({ best, label, weight }) => (best ? [{ evidence: best.evidence, isRight: best.label === label, weight }] : []));
  const calibration = calibrate(judged);
  const answers = judged
    .slice(0, inside.length)
    .map(({ evidence, isRight }) => ({ isRight, confidence: confidenceOf(evidence, calibration) }));
  return { calibration, threshold: chooseThreshold(answers, GIVEN_UP) };
}

/** The share of right answers with every label weighing the same, as in the official test sets. */
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
