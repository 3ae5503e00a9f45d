import type { Embeddings } from "../agents/agent.ts";
import { RunAccount } from "../models/account.ts";
import { EMBED_TEXTS } from "../models/embeddings.ts";
import type { TextMeanings } from "../models/text-meanings.ts";
import { noTracing, traced } from "../telemetry/trace.ts";
import { noteUsage, type Traced, usageInStep } from "./ask-model.ts";

/**
 * The agents' access to an embeddings model during one execution of the graph: charges each request to its run, and records it in the
 * run's steps.
 */
export function embeddingsOf(meanings: TextMeanings, { tracing, traceOf }: Traced = { tracing: noTracing }): Embeddings {
  const accounts = new Map<string, RunAccount>();
  const { name } = meanings;
  return {
    name,
    async vectorsFor(wanted, { agent, runId, steps }) {
      const account = accounts.get(runId) ?? new RunAccount(runId);
      accounts.set(runId, account);
      const began = performance.now();
      const attributes = {
        ...{ "gen_ai.operation.name": "embeddings", "gen_ai.provider.name": "openai", "gen_ai.request.model": name },
        ...{ "gen_ai.agent.name": agent, "sentient.prompt": EMBED_TEXTS },
      };
      const answer = await traced(tracing, `embeddings ${name}`, { kind: "client", attributes, parent: traceOf?.(runId) }, (span) =>
        meanings.read(wanted, { account }).then((given) => noteUsage(span, given)),
      );
      const isKnown = answer.ok && answer.attempts === 0;
      const cost = isKnown ? { ms: 0, fromMemory: true } : { ms: Math.round(performance.now() - began), ...usageInStep(answer) };
      steps.push({ agent, asked: EMBED_TEXTS, model: name, ...cost });
      return answer.ok ? answer.value : undefined;
    },
  };
}
