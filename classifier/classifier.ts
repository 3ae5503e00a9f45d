import type { TextVectors } from "../domain/entities/policy.ts";
import { type Calibration, confidenceOf, type Evidence } from "./calibrate.ts";
import { learnFeatures, type Vector, type Vectorizer } from "./features.ts";
import { type LinearModel, learnLinear } from "./linear.ts";
import { cosineOf, learnNearness, learnSpace, type NearExamples } from "./vectors.ts";
import { type Words, wordsIn } from "./words.ts";

/** A text and its label. */
export interface Example {
  readonly text: string;
  readonly label: string;
}

export interface Guess {
  readonly label: string;
  /** Confidence that this label is meant at all, from 0 to 1. */
  readonly confidence: number;
}

/** Classifies texts by examples. Rejection is allowed: below a threshold no known label is meant. */
export interface Classifier {
  readonly labels: readonly string[];
  /** The best label with its evidence. */
  best(text: string): { readonly label: string; readonly evidence: Evidence } | undefined;
  /** Every label with its confidence, independently: several may be meant, or none. */
  guesses(text: string, calibration: Calibration): Guess[];
  /** Whether it knows what texts mean as well; otherwise it goes by their words alone. */
  readonly knowsMeaning: boolean;
  /** How alike two texts are, from 0 to 1: by what they mean, where that is known, otherwise by their words. */
  likeness(text: string, other: string): number;
}

export interface Lesson {
  readonly examples: readonly Example[];
  /** Texts outside of all labels. */
  readonly outside?: readonly string[];
  /** Reads the words of the texts; English ones by default. */
  readonly words?: Words;
  /** Vectors of an embeddings model. Where a text to learn from has none, the classifier is one of words. */
  readonly vectors?: TextVectors | undefined;
}

/** The texts that a classifier learns from. The name of a label is one more example of it. */
export const learnedFrom = ({ examples, outside = [] }: Lesson): string[] => [
  ...examples.map(({ text }) => text),
  ...labelsOf(examples).map(spelledOut),
  ...outside,
];

/** Trains a classifier. Deterministic: the same lesson gives the same classifier on every machine. */
export function learn(lesson: Lesson): Classifier {
  const { examples, vectors, words = wordsIn() } = lesson;
  const labels = labelsOf(examples);
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const texts = learnedFrom(lesson);
  const space = vectors && learnSpace(texts, vectors);
  const features = learnFeatures(texts, words, space);
  const learned = texts.map((text) => features.vector(text));
  const owners = texts.map((_, at) => numbers.get(examples[at]?.label ?? labels[at - examples.length] ?? "") ?? -1);
  const model = learnLinear({ vectors: learned, labels: owners, labelCount: labels.length, featureCount: features.size });
  const vocabulary = vocabularyOf(learned, owners);
  const nearest = space && learnNearness(space, texts, owners, labels.length);
  const read = (text: string) => evidenceOf({ features, model, vocabulary, nearest }, text);
  return {
    labels,
    knowsMeaning: space !== undefined,
    best(text) {
      const { scores, evidence } = read(text);
      const number = indexOfLargest(scores);
      return number < 0 ? undefined : { label: labels[number] ?? "", evidence: evidence(number) };
    },
    likeness(text, other) {
      const [a, b] = [space?.of(text), space?.of(other)];
      return a && b ? Math.max(0, cosineOf(a, b)) : cosine(features.vector(text), features.vector(other));
    },
    guesses(text, calibration) {
      const { evidence } = read(text);
      return labels.map((label, number) => ({ label, confidence: confidenceOf(evidence(number), calibration) }));
    },
  };
}

/** `wants_addressChange` → `wants address change`. */
export const spelledOut = (label: string): string => label.replace(/[_.\-/]+/g, " ").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");

// --- internal ---

const labelsOf = (examples: readonly Example[]): string[] => [...new Set(examples.map(({ label }) => label))].sort();

/** Vectors have length 1, or 0 for a text of unknown words. */
function cosine(a: Vector, b: Vector): number {
  const values = new Map(Array.from(a.indexes, (index, at) => [index, a.values[at] ?? 0]));
  return b.indexes.reduce((sum, index, at) => sum + (values.get(index) ?? 0) * (b.values[at] ?? 0), 0);
}

/** Labels whose examples contain a word, by feature index of the word. */
type Vocabulary = ReadonlyMap<number, ReadonlySet<number>>;

function vocabularyOf(vectors: readonly Vector[], owners: readonly number[]): Vocabulary {
  const vocabulary = new Map<number, Set<number>>();
  for (const [at, { words }] of vectors.entries()) {
    const owner = owners[at] ?? -1;
    if (owner < 0) continue;
    for (const { index } of words) {
      const known = vocabulary.get(index);
      if (known) known.add(owner);
      else vocabulary.set(index, new Set([owner]));
    }
  }
  return vocabulary;
}

interface Learned {
  readonly features: Vectorizer;
  readonly model: LinearModel;
  readonly vocabulary: Vocabulary;
  readonly nearest: NearExamples | undefined;
}

function evidenceOf({ features, model, vocabulary, nearest }: Learned, text: string) {
  const vector = features.vector(text);
  const near = nearest?.of(text);
  const scores = model.scores(vector).map((score, label) => score + (near?.pull[label] ?? 0));
  const top = indexOfLargest(scores);
  const second = indexOfLargest(scores, top);
  const total = vector.words.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const share = (has: (owners: ReadonlySet<number>) => boolean) =>
    vector.words.reduce((sum, { index, weight }) => sum + (has(vocabulary.get(index) ?? NOBODY) ? weight : 0), 0) / total;
  const known = share((owners) => owners.size > 0);
  const evidence = (label: number): Evidence => ({
    own: scores[label] ?? -1,
    // With a single label there is no other; -1 is the score of a label that is not meant.
    other: scores[label === top ? second : top] ?? -1,
    known,
    shared: share((owners) => owners.has(label)),
    ...(near ? { near: near.nearest[label] ?? -1 } : {}),
  });
  return { scores, evidence };
}

const NOBODY: ReadonlySet<number> = new Set();

function indexOfLargest(values: Float64Array, besides = -1): number {
  let largest = -1;
  for (let at = 0; at < values.length; at++) {
    if (at !== besides && (largest < 0 || (values[at] ?? 0) > (values[largest] ?? 0))) largest = at;
  }
  return largest;
}
