import { performance } from "node:perf_hooks";
import { learnedFrom } from "../../classifier/classifier.ts";
import { readConfig } from "../../config/config.ts";
import type { TextVectors } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { createMemoryLedger } from "../../models/budget.ts";
import { createEmbedder, MAX_TEXTS, type TextVector } from "../../models/embeddings.ts";
import type { Dataset } from "./data.ts";

/** Vectors of all texts of a set, and what they cost in words: milliseconds and tokens a text. */
export interface Embedded {
  readonly vectors: TextVectors;
  readonly told: string;
}

/**
 * Asks an endpoint about every text of a set, in lists as examples are asked about, and about the first ones one by one, as messages are.
 *
 * @throws `MODEL_MISBEHAVED` where it does not answer: figures with half of the vectors would be of something else
 */
export async function embedDataset(
  { name, train, validation, test }: Dataset,
  { url, model }: { readonly url: string; readonly model: string },
): Promise<Embedded> {
  const embedder = createEmbedder({
    ...{ baseUrl: url, apiKey: readConfig(process.env).model.apiKey ?? "none", name: model, price: { inputPerMillion: 0 } },
    ...{ budget: { perRun: {}, perDay: {} }, ledger: createMemoryLedger(), limits: { callMs: 60_000, runMs: 60_000, concurrency: 1 } },
    ...{ now: Date.now, random: Math.random, sleep: async () => {} },
  });
  const known = new Map<string, TextVector>();
  let tokens = 0;
  const ask = async (texts: readonly string[]): Promise<number> => {
    const began = performance.now();
    const answer = await embedder.embed(texts);
    if (!answer.ok) throw new SentientError("MODEL_MISBEHAVED", `${url} gave no vectors: ${answer.failure}, ${answer.detail}`);
    for (const [at, vector] of answer.value.entries()) known.set(texts[at] ?? "", vector);
    tokens += answer.usage.inputTokens;
    return performance.now() - began;
  };
  const sets = [train, validation, ...(test ? [test] : [])];
  const all = [...new Set(sets.flatMap(({ inside, outside }) => [...learnedFrom({ examples: inside, outside })]))];
  const alone = [];
  for (const text of all.slice(0, ALONE)) alone.push(await ask([text]));
  const tokensAlone = tokens / alone.length;
  const began = performance.now();
  for (let at = ALONE; at < all.length; at += MAX_TEXTS) await ask(all.slice(at, at + MAX_TEXTS));
  const listed = (performance.now() - began) / Math.max(1, all.length - ALONE);
  const median = alone.sort((a, b) => a - b)[Math.floor(alone.length / 2)] ?? 0;
  const length = known.get(all[0] ?? "")?.length ?? 0;
  return {
    vectors: { key: model, of: (text) => known.get(text) },
    told: `${name}: vectors of ${length} numbers by ${model}; a message takes ${median.toFixed(1)} ms and ${tokensAlone.toFixed(1)} tokens, an example in a list of ${MAX_TEXTS} ${listed.toFixed(1)} ms`,
  };
}

// --- internal ---

const ALONE = 200;
