import type { MomentClassifier, MomentRule, Spoken, TextVectors, WeighedMoment } from "../domain/entities/policy.ts";
import { cutMiddle } from "../domain/values/cut.ts";
import { BACKGROUND } from "./background.ts";
import type { Calibration } from "./calibrate.ts";
import { type Classifier, type Example, type Lesson, learn, learnedFrom, spelledOut } from "./classifier.ts";
import { type Words, wordsIn } from "./words.ts";

/**
 * Trains on the `says` of moments, one classifier per signal type, for the languages of these tags. Lazy: it is trained when the first text of that type arrives, so
 * checking and starting a workspace does not wait for it.
 */
export function momentClassifier(moments: readonly MomentRule[], languages: readonly string[] = []): MomentClassifier {
  const readers = new Map<string, TextReader | undefined>();
  let learned: readonly string[] | undefined;
  const readerOf = (type: string): TextReader | undefined => {
    if (!readers.has(type))
      readers.set(
        type,
        readerFor(
          moments.filter(({ on, says }) => says && on.includes(type)),
          languages,
        ),
      );
    return readers.get(type);
  };
  const reading = ({ type, data }: Parameters<MomentClassifier>[0], vectors?: TextVectors) => {
    const reader = typeof data.text === "string" ? readerOf(type) : undefined;
    return reader && { text: String(data.text), by: reader.by(String(data.text), vectors) };
  };
  const spoken = (...given: Parameters<MomentClassifier>): Spoken | undefined => {
    const read = reading(...given);
    return read?.by.spoken(read.text);
  };
  return Object.assign(spoken, {
    threshold: THRESHOLD,
    sure(...given: Parameters<MomentClassifier>) {
      const read = reading(...given);
      return read?.by.sure(read.text) ?? [];
    },
    guesses(...given: Parameters<MomentClassifier>) {
      const read = reading(...given);
      return read?.by.guesses(read.text);
    },
    weigh(...given: Parameters<MomentClassifier>) {
      const read = reading(...given);
      return read?.by.weigh(read.text);
    },
    learnedFrom() {
      learned ??= [...new Set(typesRead(moments).flatMap((type) => learnedFrom(readerOf(type)?.lesson ?? { examples: [] })))];
      return learned;
    },
    partsOf({ type, data }: Parameters<MomentClassifier>[0]) {
      const reader = typeof data.text === "string" ? readerOf(type) : undefined;
      return reader ? partsOf(String(data.text), reader.lesson.words) : [];
    },
  });
}

// --- internal ---

interface TextClassifier {
  spoken(text: string): Spoken;
  sure(text: string): Spoken;
  guesses(text: string): Spoken;
  weigh(text: string): readonly WeighedMoment[];
}

const typesRead = (moments: readonly MomentRule[]): string[] => [...new Set(moments.flatMap(({ on, says }) => (says ? on : [])))];

/** Where as few wrong and out-of-scope texts open a moment as before confidence was true of texts about a moment: see docs/intents.md. */
const THRESHOLD = 0.58;
/** From here on the classifier is believed against an empty answer of a language model: nine of ten such moments are meant. */
const SURE = 0.8;
/** A text identical to an example is certain, except for its context. */
const EXAMPLE_CONFIDENCE = 0.99;
/** Maximum length read of a text, from both of its ends: enough for any message, and a bound for other input. */
const MAX_LETTERS = 4000;
const MAX_CLAUSES = 30;

/** Fitted once on workspaces of 1 to 16 moments with 2 to 10 examples each, drawn from BANKING77 and CLINC150: see docs/intents.md. */
const FEW_EXAMPLES: Calibration = [-2.25, 5.09, -2.87, 0.35, 3.06];

/** A clause says less than a message: off its log odds. By clauses alone twice as many wrong moments opened. */
const CLAUSE_DISCOUNT = 2;

interface TextReader {
  readonly lesson: Lesson & { readonly words: Words };
  /** The classifier of words, or the one that knows what texts mean where every part of the text has a vector. */
  by(text: string, vectors?: TextVectors): TextClassifier;
}

function readerFor(moments: readonly MomentRule[], languages: readonly string[]): TextReader | undefined {
  if (moments.length === 0) return undefined;
  const examples = moments.flatMap(({ name, says = [] }) => says.map((text) => ({ label: name, text })));
  const words = wordsIn(languages);
  const lesson = { examples, outside: farFrom(examples, BACKGROUND, words), words };
  let byWords: TextClassifier | undefined;
  let byMeaning: { readonly key: string; readonly classifier: TextClassifier | undefined } | undefined;
  const meaning = (vectors: TextVectors): TextClassifier | undefined => {
    if (byMeaning?.key === vectors.key) return byMeaning.classifier;
    const classifier = learn({ ...lesson, vectors });
    byMeaning = { key: vectors.key, classifier: classifier.knowsMeaning ? classifierOf(moments, lesson, classifier) : undefined };
    return byMeaning.classifier;
  };
  return {
    lesson,
    by(text, vectors) {
      const known = vectors && partsOf(text, words).every((part) => vectors.of(part)) ? meaning(vectors) : undefined;
      if (known) return known;
      byWords ??= classifierOf(moments, lesson, learn(lesson));
      return byWords;
    },
  };
}

/** The same with vectors of all-MiniLM-L6-v2, of workspaces of 4 to 150 moments with 5 and 10 examples each. */
const FEW_EXAMPLES_WITH_MEANING: Calibration = [-2.7, 3.34, -1.67, -0.8, 1.75, 1.39];

function classifierOf(moments: readonly MomentRule[], { examples, words }: TextReader["lesson"], classifier: Classifier): TextClassifier {
  const plain = (text: string): string =>
    words
      .of(text)
      .map(({ word }) => word)
      .join(" ");
  const exact = new Map<string, Set<string>>();
  for (const { label, text } of examples) exact.set(plain(text), (exact.get(plain(text)) ?? new Set()).add(label));
  const heard = (text: string, isRead = (_part: string, _label: string): boolean => true): { name: string; confidence: number }[] => {
    const guesses = partsOf(text, words).flatMap((part, at) =>
      confidencesOf(part, classifier, exact.get(plain(part)), at > 0).filter(({ label }) => isRead(part, label)),
    );
    return moments.map(({ name }) => ({
      name,
      confidence: Math.max(0, ...guesses.filter(({ label }) => label === name).map((one) => one.confidence)),
    }));
  };
  const atLeast = (least: number, guesses: ReturnType<typeof heard>): Spoken =>
    guesses.flatMap(({ name, confidence }) => (confidence >= least ? [{ name, confidence: rounded(confidence) }] : []));
  const denying = new Set(examples.flatMap(({ text, label }) => (words.isNegated(text) ? [label] : [])));
  return {
    spoken: (text) => atLeast(THRESHOLD, heard(text)),
    guesses: (text) => atLeast(0, heard(text)),
    // It does not understand "not", so it is sure of such words only where the examples have it too.
    sure: (text) =>
      atLeast(
        SURE,
        heard(text, (part, label) => !words.isNegated(part) || denying.has(label)),
      ),
    weigh: (text) =>
      heard(text).map(({ name, confidence }) => ({
        name,
        confidence: rounded(confidence),
        examples: nearest(
          text,
          examples.filter(({ label }) => label === name).map((one) => one.text),
          classifier,
          words,
        ),
      })),
  };
}

/** Rounded, so that records do not depend on the last digits of a machine's logarithms. */
const rounded = (share: number): number => Math.round(share * 1000) / 1000;

const MAX_NEAREST = 3;

/** The examples that are most like the text, or a clause of it. */
function nearest(text: string, examples: readonly string[], { likeness }: Classifier, words: Words): WeighedMoment["examples"] {
  const parts = partsOf(text, words);
  return examples
    .map((example) => ({ text: example, likeness: rounded(Math.max(0, ...parts.map((part) => likeness(part, example)))) }))
    .sort((a, b) => b.likeness - a.likeness || (a.text < b.text ? -1 : 1))
    .slice(0, MAX_NEAREST);
}

function confidencesOf(text: string, classifier: Classifier, exact: ReadonlySet<string> | undefined, isClause: boolean) {
  const [constant, ...others] = classifier.knowsMeaning ? FEW_EXAMPLES_WITH_MEANING : FEW_EXAMPLES;
  return classifier
    .guesses(text, [isClause ? constant - CLAUSE_DISCOUNT : constant, ...others])
    .map(({ label, confidence }) => ({ label, confidence: exact?.has(label) ? Math.max(confidence, EXAMPLE_CONFIDENCE) : confidence }));
}

/** From this overlap of significant words on, a background text may mean the same as the examples. */
const TOO_LIKE = 0.6;

/** Background texts that do not resemble the examples. */
function farFrom(examples: readonly Example[], outside: readonly string[], { meaningsOf }: Words): string[] {
  const taken = new Set(examples.flatMap(({ text, label }) => meaningsOf(`${text} ${spelledOut(label)}`)).map(({ meaning }) => meaning));
  return outside.filter((text) => {
    const meanings = meaningsOf(text);
    const telling = meanings.filter(({ weight }) => weight === 1);
    const judged = telling.length > 0 ? telling : meanings;
    return judged.filter(({ meaning }) => taken.has(meaning)).length < TOO_LIKE * judged.length;
  });
}

/** The whole text and its clauses, without quotes of earlier messages; the first and the last ones where there are many. */
function partsOf(text: string, { clausesOf }: Words): string[] {
  const own = cutMiddle(text, MAX_LETTERS)
    .split("\n")
    .filter((line) => !line.trimStart().startsWith(">"))
    .join("\n");
  const clauses = clausesOf(own);
  const read = clauses.length > MAX_CLAUSES ? [...clauses.slice(0, MAX_CLAUSES / 2), ...clauses.slice(-MAX_CLAUSES / 2)] : clauses;
  return [...new Set([own, ...read].map((part) => part.trim()))].filter((part) => part !== "");
}
