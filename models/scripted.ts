import { type Answer, type AnswerBody, type ModelFailure, NO_USAGE, type Usage } from "../domain/entities/model-answer.ts";
import { SentientError } from "../domain/errors.ts";
import type { Json } from "../domain/values/json.ts";
import type { Model, Question } from "./model.ts";

/** One answer of a scripted model, for the next question that is put with its prompt. */
export interface ScriptedAnswer {
  /** Name of the prompt, with or without its version. */
  readonly prompt: string;
  /** What the model says; checked like any other answer. A function sees the question's text. */
  readonly says?: Json | ((user: string) => Json);
  /** Instead: why there is no answer. */
  readonly fails?: ModelFailure;
  readonly usage?: Usage;
  /** Answers every such question, not only the next one. */
  readonly always?: boolean;
}

export interface ScriptedModel extends Model {
  /** Every question that was put, in order. */
  readonly asked: readonly { readonly prompt: string; readonly system: string; readonly user: string; readonly runId: string }[];
  /** Answers that nobody has asked for. */
  unspent(): readonly ScriptedAnswer[];
}

/**
 * A language model that says what it is told to, for tests. A question that nobody planned is an error: a test that
 * forgets one must not pass.
 *
 * @example
 * const model = createScriptedModel([{ prompt: "judge-criteria", says: { verdicts: [] } }]);
 */
export function createScriptedModel(script: readonly ScriptedAnswer[], name = "scripted"): ScriptedModel {
  const left = [...script];
  const asked: { prompt: string; system: string; user: string; runId: string }[] = [];
  return {
    name,
    asked,
    unspent: () => left.filter(({ always }) => !always),
    async ask(question) {
      const { prompt, system, user, account } = question;
      asked.push({ prompt, system, user, runId: account.runId });
      const index = left.findIndex((one) => prompt === one.prompt || prompt.startsWith(`${one.prompt}@`));
      const planned = left[index];
      if (!planned) throw new SentientError("MODEL_MISBEHAVED", `a question that nobody planned: ${prompt}`);
      if (!planned.always) left.splice(index, 1);
      return { ...answerOf(planned, question), usage: planned.usage ?? NO_USAGE, attempts: 1 } as Answer<never>;
    },
  };
}

// --- internal ---

function answerOf<T>({ says, fails }: ScriptedAnswer, { schema, user }: Question<T>): AnswerBody<T> {
  if (fails) return { ok: false, failure: fails, detail: "as scripted" };
  const checked = schema.safeParse(typeof says === "function" ? says(user) : says);
  return checked.success
    ? { ok: true, value: checked.data }
    : { ok: false, failure: "wrong_shape", detail: `as scripted, at ${checked.error.issues[0]?.path.join(".") || "the top"}` };
}
