import { MESSAGE } from "../domain/deciding/conversation.ts";
import type { Customer } from "../domain/entities/customer.ts";
import type { Policy, Spoken, TextVectors } from "../domain/entities/policy.ts";
import type { Signal } from "../domain/entities/signal.ts";
import { cutMiddle } from "../domain/values/cut.ts";
import { isObject } from "../domain/values/json.ts";
import { readMessage } from "../prompts/read-message.ts";
import type { Asker, Embeddings, LanguageModel } from "./agent.ts";
import { folded } from "./text-parts.ts";
import type { WakeRun } from "./wake-run.ts";

/** Whether the words of a signal of this type may mean a moment. */
export const isReadFor = ({ type }: Pick<Signal, "type">, { moments }: Pick<Policy, "moments">): boolean =>
  moments.some(({ on, says }) => says && on.includes(type));

/**
 * The moments that the words of a signal mean: the language model's reading where it can be verified, otherwise the
 * classifier's, by what the text means where an embeddings model says so, and by its words alone where none does. Only moments with `says` that listen to this type of signal are candidates.
 */
export async function spokenIn(...asked: Parameters<typeof readingOf>): Promise<Spoken | undefined> {
  return (await readingOf(...asked)).spoken;
}

export interface Reading {
  readonly spoken: Spoken | undefined;
  /** The language model; or the classifier, by what texts mean or by their words alone. */
  readonly by: "model" | "embeddings" | "classifier";
  /** What the classifier went by beside words. */
  readonly vectors?: TextVectors;
}

/** The same, with who has read the text. */
export async function readingOf(
  signal: Signal,
  before: Pick<Customer, "moments">,
  one: Pick<WakeRun, "now" | "runId" | "steps">,
  { policy, model, embeddings }: Readers,
): Promise<Reading> {
  const rules = policy.moments.filter(({ on, says }) => says && on.includes(signal.type));
  const canOpen = rules.some(({ name }) => !before.moments.some((moment) => moment.name === name && moment.expiresAt > one.now));
  const asked = { agent: AGENT, runId: one.runId, steps: one.steps };
  const byClassifier = (among?: Among) => readByClassifier(signal, policy, { embeddings: canOpen ? embeddings : undefined, asked, among });
  const text = canOpen && model ? wordsOf(signal) : "";
  if (!model || text.trim() === "") return byClassifier();
  const moments = rules.map(({ name, says = [] }) => ({ name, examples: says.slice(0, MAX_EXAMPLES) }));
  const answer = await model.ask(readMessage, { text, moments }, asked);
  if (!answer.ok) return byClassifier();
  const named = answer.value.moments;
  const sound = named.filter(({ name, quote }) => moments.some((rule) => rule.name === name) && occurs(quote, text));
  const meant = bestOfEach(sound.filter(({ confidence }) => confidence >= THRESHOLD));
  // A weak model often answers with nothing: that does not silence a classifier that is sure.
  const sure = named.length === 0 ? await byClassifier("sure") : undefined;
  const kept = sure?.spoken ?? [];
  one.steps.push({
    ...{ agent: AGENT, ms: 0, read: meant.map((moment) => ({ ...moment })), void: named.length - sound.length },
    ...(kept.length > 0 ? { kept: kept.map((moment) => ({ ...moment })) } : {}),
  });
  if (sure && kept.length > 0) return sure;
  // An answer with nothing verifiable does not count; an empty answer does.
  const isVoid = named.length > 0 && sound.length === 0;
  return isVoid ? byClassifier() : { spoken: meant.map(({ name, confidence }) => ({ name, confidence })), by: "model" };
}

// --- internal ---

interface Readers {
  readonly policy: Policy;
  readonly model?: LanguageModel | undefined;
  readonly embeddings?: Embeddings | undefined;
}

/** All moments that are meant, or those that are meant almost certainly. */
type Among = "spoken" | "sure";

interface ByClassifier extends Pick<Readers, "embeddings"> {
  readonly asked: Asker;
  readonly among: Among | undefined;
}

/** Reads by what the text means where it has vectors, otherwise by its words alone. The run's steps say which, where both could be. */
async function readByClassifier(signal: Signal, policy: Policy, { embeddings, asked, among }: ByClassifier): Promise<Reading> {
  const { classify } = policy;
  const read = among === "sure" ? classify.sure : classify;
  const parts = embeddings ? classify.partsOf(signal) : [];
  if (!embeddings || parts.length === 0) return { spoken: read(signal), by: "classifier" };
  const vectors = await embeddings.vectorsFor({ learned: classify.learnedFrom(), parts }, asked);
  const spoken = read(signal, vectors) ?? [];
  const by = vectors ? "embeddings" : "classifier";
  asked.steps.push({ agent: AGENT, ms: 0, by, [among === "sure" ? "sure" : "read"]: spoken.map((moment) => ({ ...moment })) });
  return { spoken, by, ...(vectors ? { vectors } : {}) };
}

const AGENT = "signal-interpreter";

/** More likely meant than not, as in the classifier. */
const THRESHOLD = 0.5;

/** Enough to show the meaning of a moment. */
const MAX_EXAMPLES = 12;
const MAX_CHARACTERS = 6_000;

/** The text of a signal; without one, all words in its data. The subject of a message without words of its own is ours. */
const wordsOf = ({ type, data }: Signal): string =>
  cutMiddle(
    typeof data.text === "string" ? data.text : wordsIn(type === MESSAGE ? { ...data, subject: null } : data).join("\n"),
    MAX_CHARACTERS,
  );

/** Identities and traits change the record; they are not part of the message. */
const NOT_SAID = new Set(["identities", "traits", "thread", "channel", "deliveryId", "providerId"]);

function wordsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => (NOT_SAID.has(key) ? [] : wordsIn(item)));
}

/** A quote is evidence only if it occurs in the text. */
const occurs = (quote: string, text: string): boolean => {
  const wanted = folded(quote);
  return /[\p{L}\p{N}]/u.test(wanted) && folded(text).includes(wanted);
};

interface Named {
  readonly name: string;
  readonly confidence: number;
  readonly quote: string;
}

function bestOfEach(named: readonly Named[]): Named[] {
  const best = new Map<string, Named>();
  for (const one of named) if ((best.get(one.name)?.confidence ?? -1) < one.confidence) best.set(one.name, one);
  return [...best.values()].map((one) => ({ ...one, confidence: Math.round(one.confidence * 1000) / 1000 }));
}
