import type { Embeddings, LanguageModel } from "../agents/agent.ts";
import { type Reading, readingOf } from "../agents/message-reading.ts";
import type { WakeRun } from "../agents/wake-run.ts";
import type { MomentRule, Policy, WeighedMoment } from "../domain/entities/policy.ts";
import type { Signal } from "../domain/entities/signal.ts";
import { idFrom } from "../domain/entities/wake.ts";
import type { Instant } from "../domain/values/time.ts";
import { EMBED_TEXTS } from "../models/embeddings.ts";
import type { Model } from "../models/model.ts";
import type { TextMeanings } from "../models/text-meanings.ts";
import { createMemory, languageModel } from "./ask-model.ts";
import { embeddingsOf } from "./embed-texts.ts";

/** What a text would open. */
export interface TriedText {
  readonly text: string;
  /** Who has said so: the classifier by words alone, by what texts mean as well, or the language model. */
  readonly by: Reading["by"];
  /** The language model's name, where it was asked. */
  readonly model?: string;
  /** The embeddings model's name, where there is one. */
  readonly embeddings?: string;
  /** From this confidence on a moment opens. */
  readonly threshold: number;
  /** The moments that would open, the surest first. */
  readonly opens: readonly string[];
  /** Every moment with `says`, the surest first. */
  readonly moments: readonly TriedMoment[];
  /** Moments that open with any such signal, whatever its text says. */
  readonly anyway: readonly string[];
  readonly notes: readonly string[];
}

export interface TriedMoment extends WeighedMoment {
  /** Types of signals whose text it reads. */
  readonly on: readonly string[];
  readonly opens: boolean;
  /** Its condition, which is asked of the customer as well. */
  readonly when?: string;
}

export type TryText = (text: string, policy: Policy) => Promise<TriedText>;

/** Reads texts as a signal's text is read, by the model where there is one, and records nothing. */
export const createTextReader =
  (model: Model | undefined, now: () => Instant, meanings?: TextMeanings): TryText =>
  async (text, policy) => {
    const rules = policy.moments.filter(({ says }) => says);
    const steps: WakeRun["steps"] = [];
    const asked = { model: model && languageModel(model, createMemory()), embeddings: meanings && embeddingsOf(meanings) };
    const types = [...new Set(rules.map(readOf))].sort();
    const reads = await Promise.all(types.map((type) => readAs(type, text, { now: now(), steps }, policy, asked)));
    const moments = rules
      .map((rule) => weighedBy(rule, reads[types.indexOf(readOf(rule))] ?? []))
      .sort((a, b) => b.confidence - a.confidence || (a.name < b.name ? -1 : 1));
    const failed = (isOfEmbeddings: boolean) =>
      steps.flatMap(({ failure, asked }) => (typeof failure === "string" && (asked === EMBED_TEXTS) === isOfEmbeddings ? [failure] : []));
    const isKept = steps.some(({ kept }) => kept !== undefined);
    const readers = reads.flat().map(({ by }) => by);
    return {
      text,
      by: (["model", "embeddings"] as const).find((one) => readers.includes(one)) ?? "classifier",
      ...(model ? { model: model.name } : {}),
      ...(meanings ? { embeddings: meanings.name } : {}),
      threshold: policy.classify.threshold,
      opens: moments.filter(({ opens }) => opens).map(({ name }) => name),
      moments,
      anyway: policy.moments.filter((rule) => !rule.says && rule.on.some((type) => opensOnText(type, types))).map(({ name }) => name),
      notes: [
        ...(rules.length === 0 ? ["no moment has says, so no text opens one"] : []),
        ...failed(false).map((failure) => `the language model gave no answer (${failure}), so the classifier has read it`),
        ...failed(true).map((failure) => `the embeddings model gave no vectors (${failure}), so the text was read by its words alone`),
        ...(isKept ? ["the language model found no moment, and the classifier is sure of one"] : []),
      ],
    };
  };

// --- internal ---

const MESSAGE = "message.received";

/** The type that a text is tried as for a moment: a message, where it reads messages. */
const readOf = ({ on }: MomentRule): string => (on.includes(MESSAGE) ? MESSAGE : (on[0] ?? MESSAGE));

/** Texts come with the types that moments with `says` read, and always with messages. */
const opensOnText = (type: string, types: readonly string[]): boolean => type === MESSAGE || types.includes(type);

interface Read {
  readonly name: string;
  readonly confidence: number;
  readonly by: TriedText["by"];
  readonly opens: boolean;
  readonly examples: WeighedMoment["examples"];
}

async function readAs(
  type: string,
  text: string,
  { now, steps }: Pick<WakeRun, "now" | "steps">,
  policy: Policy,
  asked: { readonly model: LanguageModel | undefined; readonly embeddings: Embeddings | undefined },
): Promise<Read[]> {
  const signal: Signal = { source: "try", id: "try", type, customerId: "try", time: now, data: { text }, seq: 0 };
  const one = { now, steps, runId: idFrom("r", "try", text) };
  const { spoken = [], by, vectors } = await readingOf(signal, { moments: [] }, one, { policy, ...asked });
  const weighed = policy.classify.weigh(signal, vectors) ?? [];
  return weighed.map(({ name, confidence, examples }) => ({
    ...{ name, by, examples, opens: spoken.some((one) => one.name === name) },
    confidence: by === "model" ? (spoken.find((one) => one.name === name)?.confidence ?? 0) : confidence,
  }));
}

function weighedBy({ name, on, when }: MomentRule, reads: readonly Read[]): TriedMoment {
  const { confidence = 0, opens = false, examples = [] } = reads.find((read) => read.name === name) ?? {};
  return { name, on, confidence, opens, examples, ...(when ? { when: when.text } : {}) };
}
