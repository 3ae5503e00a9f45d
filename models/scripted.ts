import { type Answer, type AnswerBody, type ModelFailure, NO_USAGE, type Usage } from "../domain/entities/model-answer.ts";
import { SentientError } from "../domain/errors.ts";
import type { Json } from "../domain/values/json.ts";
import type { Model, Question } from "./model.ts";

/** Scripted answer for the next question with its prompt. */
export interface ScriptedAnswer {
  /** Prompt name, with or without version. */
  readonly prompt: string;
  /** The model's output, validated like any other. A function receives the question's text. */
  readonly says?: Json | ((user: string) => Json);
  /** Instead: the failure to return. */
  readonly fails?: ModelFailure;
  readonly usage?: Usage;
  /** Answers every question with this prompt, not only the next one. */
  readonly always?: boolean;
}

/** A language model for tests, with what it was asked and what it has not been asked for. */
export interface ScriptedModel extends Model {
  /** All questions, in order. */
  readonly asked: readonly { readonly prompt: string; readonly system: string; readonly user: string; readonly runId: string }[];
  /** Scripted answers without a question. */
  unspent(): readonly ScriptedAnswer[];
}

/**
 * A scripted language model for tests. A question outside of the script is an error, so that no test passes without it.
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
      if (!planned) throw new SentientError("MODEL_MISBEHAVED", `a question outside of the script: ${prompt}`);
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
