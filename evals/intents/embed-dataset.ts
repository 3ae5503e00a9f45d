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

interface Endpoint {
  readonly url: string;
  readonly model: string;
}

/** Vectors of texts, asked about once each. */
export interface Asking {
  readonly vectors: TextVectors;
  /**
   * Asks about the texts that are not known yet, in one list.
   *
   * @throws `MODEL_MISBEHAVED` where the endpoint does not answer: figures with half of the vectors would be of something else
   */
  ask(texts: readonly string[]): Promise<{ readonly tokens: number }>;
  /** The same for any number of texts, in lists as examples are asked about. */
  askAll(texts: readonly string[]): Promise<void>;
}

export function askingAt({ url, model }: Endpoint): Asking {
  const embedder = createEmbedder({
    ...{ baseUrl: url, apiKey: readConfig(process.env).model.apiKey ?? "none", name: model, price: { inputPerMillion: 0 } },
    ...{ budget: { perRun: {}, perDay: {} }, ledger: createMemoryLedger(), limits: { callMs: 60_000, runMs: 60_000, concurrency: 1 } },
    ...{ now: Date.now, random: Math.random, sleep: async () => {} },
  });
  const known = new Map<string, TextVector>();
  const ask = async (texts: readonly string[]): Promise<{ readonly tokens: number }> => {
    const answer = await embedder.embed(texts);
    if (!answer.ok) throw new SentientError("MODEL_MISBEHAVED", `${url} gave no vectors: ${answer.failure}, ${answer.detail}`);
    for (const [at, vector] of answer.value.entries()) known.set(texts[at] ?? "", vector);
    return { tokens: answer.usage.inputTokens };
  };
  return {
    ...{ ask, vectors: { key: model, of: (text) => known.get(text) } },
    async askAll(texts) {
      const unknown = [...new Set(texts)].filter((text) => !known.has(text));
      for (let at = 0; at < unknown.length; at += MAX_TEXTS) await ask(unknown.slice(at, at + MAX_TEXTS));
    },
  };
}

/**
 * Asks an endpoint about every text of a set, in lists, and about the first ones one by one, as messages are.
 *
 * @throws as `Asking.ask`
 */
export async function embedDataset({ name, train, validation, test }: Dataset, endpoint: Endpoint): Promise<Embedded> {
  const { ask, askAll, vectors } = askingAt(endpoint);
  const sets = [train, validation, ...(test ? [test] : [])];
  const all = [...new Set(sets.flatMap(({ inside, outside }) => [...learnedFrom({ examples: inside, outside })]))];
  const alone: number[] = [];
  let tokens = 0;
  for (const text of all.slice(0, ALONE)) {
    const asked = performance.now();
    tokens += (await ask([text])).tokens;
    alone.push(performance.now() - asked);
  }
  const tokensAlone = tokens / alone.length;
  const began = performance.now();
  await askAll(all);
  const listed = (performance.now() - began) / Math.max(1, all.length - ALONE);
  const median = alone.sort((a, b) => a - b)[Math.floor(alone.length / 2)] ?? 0;
  const length = vectors.of(all[0] ?? "")?.length ?? 0;
  return {
    vectors,
    told: `${name}: vectors of ${length} numbers by ${endpoint.model}; a message takes ${median.toFixed(1)} ms and ${tokensAlone.toFixed(1)} tokens, an example in a list of ${MAX_TEXTS} ${listed.toFixed(1)} ms`,
  };
}

// --- internal ---

const ALONE = 200;
