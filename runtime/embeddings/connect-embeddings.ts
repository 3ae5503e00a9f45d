import type { ModelConfig } from "../../config/config.ts";
import { SECOND } from "../../domain/values/time.ts";
import type { SpendingLedger } from "../../models/budget.ts";
import type { Embedder } from "../../models/embeddings.ts";
import { createTextMeanings, type KeptVectors, type TextMeanings } from "../../models/text-meanings.ts";
import type { WorkspaceFile } from "../../workspace/schema.ts";
import { doorOptions, OPENAI } from "../connect-model.ts";
import { recordVectorsTo, replayVectorsFrom } from "../recorded-calls.ts";

export type EmbeddingsSettings = NonNullable<WorkspaceFile["embeddings"]>;

export interface Connecting {
  /** Where its spending is recorded. */
  readonly ledger: SpendingLedger;
  /** Where vectors of examples outlive the process. */
  readonly kept?: KeptVectors | undefined;
  /** Whether a message waits for the vectors of the examples no longer than `limits.run`, as in a service. */
  readonly isHurried?: boolean;
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Told in words where the endpoint's vectors are no longer those that were kept. */
  readonly onChanged?: (what: string) => void;
}

/** Connects an embeddings model. */
export type ConnectEmbeddings = (connecting: Connecting) => Promise<TextMeanings>;

/** Name and endpoint of the embeddings model, and how to connect it. */
export interface EmbeddingsPlan {
  readonly name: string;
  readonly baseUrl: string;
  readonly runMs: number;
  readonly connect: (connecting: Pick<Connecting, "ledger" | "headers">) => Promise<Embedder>;
}

/**
 * The embeddings model of a workspace: none without `embeddings:`, whatever the environment says. Settings missing there come from the
 * environment; returns `missing` with the reason if the endpoint remains unknown.
 */
export function planEmbeddings(
  settings: EmbeddingsSettings | undefined,
  config: ModelConfig,
): EmbeddingsPlan | { readonly missing: string } {
  if (!settings) return { missing: "sentient.yaml has no embeddings; texts are read by their words" };
  const apiKey = settings.apiKey ?? config.apiKey;
  const baseUrl = settings.baseUrl ?? config.baseUrl ?? (apiKey === undefined ? undefined : OPENAI);
  if (baseUrl === undefined)
    return { missing: "no embeddings are asked for: neither embeddings.baseUrl nor OPENAI_BASE_URL nor OPENAI_API_KEY is set" };
  const { name, budget = {}, price = ASSUMED_PRICE, limits = {} } = settings;
  const runMs = limits.run ?? 8 * SECOND;
  return {
    ...{ name, baseUrl, runMs },
    connect: async ({ ledger, headers }) => {
      // Most workspaces have none, so its client is loaded on demand.
      const { createEmbedder } = await import("../../models/embeddings.ts");
      return createEmbedder({
        ...{ name, baseUrl, price, isPriceAssumed: settings.price === undefined },
        ...doorOptions({ apiKey, budget, limits, ledger, headers }, { callMs: 5 * SECOND, runMs }),
      });
    },
  };
}

/** How to connect the embeddings model of a workspace, or undefined; calls `say` with the reason if `embeddings:` is set but incomplete. */
export function embeddingsFor(
  settings: EmbeddingsSettings | undefined,
  config: ModelConfig,
  say: (why: string) => void,
): ConnectEmbeddings | undefined {
  const { replay, record } = config;
  if (!settings) return undefined;
  if (replay !== undefined) return async () => createTextMeanings({ embedder: replayVectorsFrom(replay, settings.name), now: Date.now });
  const plan = planEmbeddings(settings, config);
  if ("missing" in plan) {
    say(plan.missing);
    return undefined;
  }
  return async ({ kept, isHurried, onChanged, ...connecting }) => {
    const embedder = await plan.connect(connecting);
    return createTextMeanings({
      // A recording is whole only where nothing was known before.
      ...(record ? { embedder: recordVectorsTo(record, embedder) } : { embedder, kept }),
      ...(isHurried ? { waitMs: plan.runMs } : {}),
      now: Date.now,
      onChanged: (model) =>
        onChanged?.(
          `${model} gives other vectors than the ones that were kept: it is another model, and the examples are asked about again`,
        ),
    });
  };
}

// --- internal ---

/** Price of a large model, if the workspace states none: a budget in dollars is reached too early rather than too late. */
const ASSUMED_PRICE = { inputPerMillion: 0.13 };
