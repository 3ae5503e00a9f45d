import type { Example } from "../../classifier/classifier.ts";
import { momentClassifier } from "../../classifier/moments.ts";
import type { MomentClassifier, TextVectors } from "../../domain/entities/policy.ts";
import { seededRandom, shareOf, shuffled } from "../../domain/values/random.ts";
import { DAY } from "../../domain/values/time.ts";
import type { Dataset, Texts } from "./data.ts";

/** `near`: about something else of the same set; `far`: of another set; `outside`: what a set itself calls out of scope. */
export type Kind = "inside" | "near" | "far" | "outside";

/** A text for a workspace, with what it means there. */
interface Asked {
  readonly text: string;
  readonly label?: string;
  readonly kind: Kind;
}

/** Moments with examples from a set, and texts that it has not learned from. */
export interface Workspace {
  readonly moments: number;
  readonly examples: number;
  readonly classify: MomentClassifier;
  readonly asked: readonly Asked[];
}

/** How a text was read. */
export interface Heard {
  readonly kind: Kind;
  /** Every workspace of one size and number of examples counts the same together, and so does every kind of texts in it. */
  readonly weight: number;
  /** Confidence of the surest moment, and whether it is the one that is meant. */
  readonly confidence: number;
  readonly isRight: boolean;
  /** Whether the moment that is meant opens, and whether another one does. */
  readonly opensRight: boolean;
  readonly opensWrong: boolean;
}

/** Shares from 0 to 1. */
export interface Figures {
  /** Of texts inside: how often the surest moment is right, its mean confidence, and the expected error of that confidence in ten bins. */
  readonly accuracy: number;
  readonly confidence: number;
  readonly error: number;
  readonly opensRight: number;
  /** Openings that are wrong, by the kind of text. */
  readonly opensWrong: Readonly<Record<Kind, number>>;
}

/** The texts of every set are in two halves by their hash: constants are fitted on one, and the other is for figures. */
export type Half = "tuning" | "unseen";

/** Draws workspaces of 4 to 150 moments with 5 and 10 examples each from the sets. */
export function* workspacesIn(datasets: readonly Dataset[], half: Half, sizes: readonly number[] = SIZES): Generator<Workspace> {
  const sets = datasets.map((dataset) => halfOf(dataset, half));
  for (const [at, { inside, outside }] of sets.entries()) {
    const labels = [...new Set(inside.map(({ label }) => label))].sort();
    const others = {
      far: sets.flatMap((set, other) => (other === at ? [] : set.inside.map(({ text }) => text))),
      outside: outside.length > 0 ? outside : sets.flatMap((set) => set.outside),
    };
    for (const moments of new Set(sizes.map((size) => Math.min(size, labels.length))))
      for (const examples of EXAMPLES)
        for (let draw = 0; draw < Math.ceil(MOMENTS_A_CELL / moments); draw++) {
          const random = seededRandom(`${half} ${datasets[at]?.name} ${moments} ${examples} ${draw}`);
          const chosen = new Set(shuffled(labels, random).slice(0, moments));
          yield drawWorkspace({ inside, chosen, examples, random }, others);
        }
  }
}

/** The texts that need a vector for `hearIn`. */
export const textsToEmbed = ({ classify, asked }: Workspace): string[] => [
  ...classify.learnedFrom(),
  ...asked.flatMap(({ text }) => classify.partsOf({ type: MESSAGE, data: { text } })),
];

/** Reads the texts of a workspace as a message's text is read. */
export function hearIn({ classify, asked }: Workspace, vectors?: TextVectors): Omit<Heard, "weight">[] {
  return asked.map(({ text, label, kind }) => {
    const guesses = classify.guesses({ type: MESSAGE, data: { text } }, vectors) ?? [];
    const best = guesses.reduce((a, b) => (b.confidence > a.confidence ? b : a), { name: "", confidence: 0 });
    const open = guesses.filter(({ confidence }) => confidence >= classify.threshold).map(({ name }) => name);
    return {
      kind,
      confidence: best.confidence,
      isRight: best.name === label,
      opensRight: label !== undefined && open.includes(label),
      opensWrong: open.some((name) => name !== label),
    };
  });
}

/** Gives every cell the same weight, and every kind of texts in it. */
export const weighed = (cells: readonly (readonly Omit<Heard, "weight">[])[]): Heard[] =>
  cells.flatMap((heard) => heard.map((one) => ({ ...one, weight: 1 / heard.filter(({ kind }) => kind === one.kind).length })));

export function figuresOf(heard: readonly Heard[]): Figures {
  const share = (kind: Kind, of: (one: Heard) => number) => {
    const ones = heard.filter((one) => one.kind === kind);
    const total = ones.reduce((sum, { weight }) => sum + weight, 0);
    return total === 0 ? Number.NaN : ones.reduce((sum, one) => sum + one.weight * of(one), 0) / total;
  };
  const gaps = Array.from({ length: BINS }, (_, bin) =>
    Math.abs(share("inside", (one) => (binOf(one.confidence) === bin ? one.confidence - Number(one.isRight) : 0))),
  );
  const wrong = (kind: Kind) => share(kind, ({ opensWrong }) => Number(opensWrong));
  return {
    accuracy: share("inside", ({ isRight }) => Number(isRight)),
    confidence: share("inside", ({ confidence }) => confidence),
    error: gaps.reduce((sum, gap) => sum + gap, 0),
    opensRight: share("inside", ({ opensRight }) => Number(opensRight)),
    opensWrong: { inside: wrong("inside"), near: wrong("near"), far: wrong("far"), outside: wrong("outside") },
  };
}

// --- internal ---

const MESSAGE = "message.received";
const SIZES = [4, 16, 50, 150];
const EXAMPLES = [5, 10];
/** So many moments are drawn for each size and number of examples, in as many workspaces as that takes. */
const MOMENTS_A_CELL = 48;
const INSIDE = 200;
const OTHERS = 60;
const BINS = 10;

const binOf = (confidence: number): number => Math.min(BINS - 1, Math.floor(confidence * BINS));

function halfOf({ train, validation }: Dataset, half: Half): Texts {
  const inHalf = (text: string) => shareOf(text.toLowerCase()) < 0.5 === (half === "tuning");
  const byText = new Map([...train.inside, ...validation.inside].map((one) => [one.text.toLowerCase(), one]));
  return {
    inside: [...byText.values()].filter(({ text }) => inHalf(text)),
    outside: [...train.outside, ...validation.outside].filter(inHalf),
  };
}

interface Draw {
  readonly inside: readonly Example[];
  readonly chosen: ReadonlySet<string>;
  readonly examples: number;
  readonly random: () => number;
}

function drawWorkspace(
  { inside, chosen, examples, random }: Draw,
  others: { readonly far: readonly string[]; readonly outside: readonly string[] },
): Workspace {
  const rest: Example[] = [];
  const moments = [...chosen].map((name) => {
    const own = shuffled(
      inside.filter(({ label }) => label === name),
      random,
    );
    rest.push(...own.slice(examples));
    return { name, on: [MESSAGE], says: own.slice(0, examples).map(({ text }) => text), expires: DAY, urgency: 0.5, closes: [] };
  });
  const near = inside.filter(({ label }) => !chosen.has(label)).map(({ text }) => text);
  const some = (texts: readonly string[], kind: Kind): Asked[] =>
    shuffled(texts, random)
      .slice(0, OTHERS)
      .map((text) => ({ text, kind }));
  return {
    ...{ moments: moments.length, examples, classify: momentClassifier(moments) },
    asked: [
      ...shuffled(rest, random)
        .slice(0, INSIDE)
        .map(({ text, label }): Asked => ({ text, label, kind: "inside" })),
      ...some(near, "near"),
      ...some(others.far, "far"),
      ...some(others.outside, "outside"),
    ],
  };
}
