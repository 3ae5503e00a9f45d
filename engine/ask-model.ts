import { createHash } from "node:crypto";
import type { LanguageModel, Memory } from "../agents/agent.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import { type Answer, NO_USAGE } from "../domain/entities/model-answer.ts";
import type { Json } from "../domain/values/json.ts";
import { RunAccount } from "../models/account.ts";
import type { Model } from "../models/model.ts";
import { noTracing, type Span, type SpanOptions, traced } from "../telemetry/trace.ts";

export type Traced = Pick<ToolDeps, "tracing" | "traceOf">;

/**
 * The agents' access to the language model during one execution of the graph: charges each question to its run, records it
 * in the run's steps, and answers a repeated question from memory when a run is retried.
 */
export function languageModel(model: Model, memory: Memory, { tracing, traceOf }: Traced = { tracing: noTracing }): LanguageModel {
  const accounts = new Map<string, RunAccount>();
  const accountOf = (runId: string): RunAccount => {
    const account = accounts.get(runId) ?? new RunAccount(runId);
    accounts.set(runId, account);
    return account;
  };
  return {
    name: model.name,
    memory,
    async ask(prompt, variables, { agent, runId, steps }) {
      const { name, version, system, answer: schema, maxTokens } = prompt;
      const asked = `${name}@${version}`;
      const user = prompt.user(variables);
      const key = createHash("sha256").update([runId, model.name, asked, user].join("\u0000")).digest("hex");
      const known = memory.get(key);
      if (known !== undefined) {
        steps.push({ agent, ms: 0, asked, model: model.name, fromMemory: true });
        return { ok: true, value: schema.parse(known), usage: NO_USAGE, attempts: 0 };
      }
      const began = performance.now();
      const question = { prompt: asked, system, user, schema, maxTokens, account: accountOf(runId) };
      const answer = await traced(
        tracing,
        `chat ${model.name}`,
        { ...spanOf(model.name, asked, agent), parent: traceOf?.(runId) },
        (span) => model.ask(question).then((given) => noteUsage(span, given)),
      );
      steps.push({ agent, ms: Math.round(performance.now() - began), asked, model: model.name, ...usageInStep(answer) });
      if (answer.ok) memory.set(key, answer.value as Json);
      return answer;
    },
  };
}

/** LRU cache of answers. */
export function createMemory(capacity = 5_000): Memory {
  const kept = new Map<string, Json>();
  return {
    get(key) {
      const value = kept.get(key);
      if (value === undefined) return undefined;
      kept.delete(key);
      kept.set(key, value);
      return value;
    },
    set(key, value) {
      kept.delete(key);
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > capacity && oldest !== undefined) kept.delete(oldest);
    },
  };
}

/** Records token usage on the span; never any text. */
export function noteUsage<T>(span: Span, answer: Answer<T>): Answer<T> {
  const { inputTokens, outputTokens } = answer.usage;
  span.set({
    ...{ "gen_ai.usage.input_tokens": inputTokens, "gen_ai.usage.output_tokens": outputTokens, "sentient.attempts": answer.attempts },
  });
  if (!answer.ok) span.fail(answer.failure);
  return answer;
}

/** What an answer has cost and come to, as the steps of a run record it. */
export const usageInStep = (answer: Answer<unknown>) => ({
  ...answer.usage,
  attempts: answer.attempts,
  ...(answer.left ? { left: { ...answer.left } } : {}),
  ...(answer.isPriceAssumed ? { isPriceAssumed: true } : {}),
  ...(answer.ok ? {} : { failure: answer.failure, detail: answer.detail }),
});

// --- internal ---

/** Every endpoint speaks the OpenAI protocol. */
const spanOf = (model: string, asked: string, agent: string): SpanOptions => ({
  kind: "client",
  attributes: {
    ...{ "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": model },
    ...{ "gen_ai.agent.name": agent, "sentient.prompt": asked },
  },
});
