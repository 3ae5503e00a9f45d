import { z } from "zod";
import { type Answer, type AnswerBody, NO_USAGE } from "../domain/entities/model-answer.ts";
import { SentientError } from "../domain/errors.ts";
import { packVector, unpackVector } from "../domain/values/vector.ts";
import { RunAccount } from "./account.ts";
import { EMBED_TEXTS, type Embedder, type TextVector } from "./embeddings.ts";
import type { Model, Question } from "./model.ts";
import { type RecordedCall, recordedCall, requestHash } from "./recorded-call.ts";

/** What is kept of the calls of a language model, and where. */
export interface RecordingOptions {
  /** Receives each completed call, in order of completion. */
  readonly write: (call: RecordedCall) => void;
  /** `redacted` (default): hashes and lengths of question and answer. `full`: the texts too, for replays. */
  readonly content?: "redacted" | "full";
  readonly versions: RecordedCall["versions"];
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Wraps a model and records its calls. Answers are unchanged; a failure to write the record throws. */
export function recordModel(model: Model, { write, content = "redacted", versions, now = Date.now }: RecordingOptions): Model {
  const { prepare } = model;
  return {
    name: model.name,
    ...(prepare ? { prepare: () => prepare.call(model) } : {}),
    async ask<T>(question: Question<T>): Promise<Answer<T>> {
      const began = now();
      const answer = await model.ask(question);
      const at = new Date(began).toISOString();
      const withContent = content === "full";
      // The schema is only read, never used to produce a value.
      const asked = question as Question<unknown>;
      write(recordedCall({ question: asked, answer, model: model.name, at, ms: now() - began, versions, withContent }));
      return answer;
    },
  };
}

/**
 * A model that answers from a recording, without any endpoint. A question recorded several times gets its answers in order, then the
 * last one again. A question without a recording throws `CALL_NOT_RECORDED`, and so does one recorded without its answer: a replay
 * with invented answers would prove nothing.
 *
 * @example
 * const model = createReplayingModel(parseRecording(readFileSync("calls.jsonl", "utf8"), "calls.jsonl"));
 */
export function createReplayingModel(calls: readonly RecordedCall[]): Model {
  if (calls.length === 0) throw new SentientError("BAD_INPUT", "the recording has no calls");
  const own = calls.filter(({ prompt }) => prompt !== EMBED_TEXTS);
  const first = own[0] ?? { model: "none recorded" };
  const other = own.find(({ model }) => model !== first.model);
  if (other) throw new SentientError("BAD_INPUT", `the recording has calls of ${first.model} and of ${other.model}; replay one at a time`);
  const left = new Map<string, RecordedCall[]>();
  for (const call of own) left.set(call.request, [...(left.get(call.request) ?? []), call]);
  return {
    name: first.model,
    async ask(question) {
      const { prompt, schema } = question;
      const kept = left.get(requestHash(question as Question<unknown>)) ?? []; // As above.
      const call = kept.length > 1 ? kept.shift() : kept[0];
      if (!call) throw new SentientError("CALL_NOT_RECORDED", `a question that the recording does not have: ${prompt}`);
      return { ...bodyOf(call, schema), usage: NO_USAGE, attempts: 0 };
    },
  };
}

/** Wraps an embedder and records its calls, as `recordModel` does. */
export function recordEmbedder(embedder: Embedder, options: RecordingOptions): Embedder {
  return {
    name: embedder.name,
    async embed(texts, caller) {
      let answer: Answer<readonly TextVector[]> | undefined;
      const asking: Model = {
        name: embedder.name,
        async ask() {
          answer = await embedder.embed(texts, caller);
          return (answer.ok ? { ...answer, value: answer.value.map(packVector) } : answer) as Answer<never>; // of the question's schema
        },
      };
      if (texts.length > 0) await recordModel(asking, options).ask(questionOf(texts, caller));
      return answer ?? { ok: true, value: [], usage: NO_USAGE, attempts: 0 };
    },
  };
}

/** An embedder that answers from a recording, without any endpoint; otherwise as `createReplayingModel`. */
export function createReplayingEmbedder(calls: readonly RecordedCall[], name: string): Embedder {
  // The recording of a model leaves the calls for vectors out by their name.
  const own = calls.filter(({ prompt }) => prompt === EMBED_TEXTS).map((call) => ({ ...call, prompt: REPLAYED }));
  const model = own.length > 0 ? createReplayingModel(own) : undefined;
  return {
    name: model?.name ?? name,
    async embed(texts, caller) {
      if (texts.length === 0) return { ok: true, value: [], usage: NO_USAGE, attempts: 0 };
      if (!model) throw new SentientError("CALL_NOT_RECORDED", `a question that the recording does not have: ${EMBED_TEXTS}`);
      const answer = await model.ask(questionOf(texts, caller));
      return answer.ok ? { ...answer, value: answer.value.map(unpackVector) } : answer;
    },
  };
}

// --- internal ---

const REPLAYED = "embeddings";

/** Texts as a question, so that one format records both kinds of calls. */
const questionOf = (texts: readonly string[], caller: Parameters<Embedder["embed"]>[1]): Question<string[]> => ({
  ...{ prompt: EMBED_TEXTS, system: "", user: JSON.stringify(texts), schema: z.array(z.string()), maxTokens: 0 },
  account: caller?.account ?? new RunAccount("examples"),
});

function bodyOf<T>({ failure, detail = "", content, prompt }: RecordedCall, schema: Question<T>["schema"]): AnswerBody<T> {
  if (failure !== undefined) return { ok: false, failure, detail };
  if (content?.value === undefined)
    throw new SentientError(
      "CALL_NOT_RECORDED",
      `the answer to ${prompt} was recorded without its content; record it in full to replay it`,
    );
  const checked = schema.safeParse(content.value);
  if (!checked.success)
    throw new SentientError("CALL_NOT_RECORDED", `the recorded answer to ${prompt} has another shape than is asked for`);
  return { ok: true, value: checked.data };
}
