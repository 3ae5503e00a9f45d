import { setTimeout as wait } from "node:timers/promises";
import type { ModelConfig } from "../config/config.ts";
import { SECOND } from "../domain/values/time.ts";
import type { Price, SpendingLedger } from "../models/budget.ts";
import type { DoorLimits, DoorOptions } from "../models/door.ts";
import type { Model } from "../models/model.ts";
import type { Prober } from "../models/probe.ts";
import type { WorkspaceFile } from "../workspace/schema.ts";
import { recordTo, replayFrom } from "./recorded-calls.ts";

/** The endpoint of a key without an address. */
export const OPENAI = "https://api.openai.com/v1";

export type ModelSettings = NonNullable<WorkspaceFile["model"]>;

/** Connects a model that records its spending in a ledger and adds `headers` to its requests. */
export type ConnectModel = (ledger: SpendingLedger, headers?: () => Readonly<Record<string, string>>) => Model | Promise<Model>;

/** Name and endpoint of the model, and how to connect it. */
export type ModelPlan = {
  readonly name: string;
  readonly baseUrl: string;
  readonly connect: (
    ledger: SpendingLedger,
    headers?: () => Readonly<Record<string, string>>,
  ) => Promise<Model & { readonly prober: Prober }>;
};

/**
 * The language model of a workspace: none without `model:`, whatever the environment says. Settings missing in `model:` come
 * from the environment; returns `missing` with the reason if name or endpoint remain unknown.
 */
export function planModel(settings: ModelSettings | undefined, config: ModelConfig): ModelPlan | { readonly missing: string } {
  if (!settings) return { missing: "sentient.yaml has no model; rules and statistics decide" };
  const name = settings.name ?? config.name;
  const apiKey = settings.apiKey ?? config.apiKey;
  const baseUrl = settings.baseUrl ?? config.baseUrl ?? (apiKey === undefined ? undefined : OPENAI);
  if (name === undefined) return { missing: "no model is asked: neither model.name nor OPENAI_MODEL is set" };
  if (baseUrl === undefined) return { missing: "no model is asked: neither model.baseUrl nor OPENAI_BASE_URL nor OPENAI_API_KEY is set" };
  const { budget = {}, price = ASSUMED_PRICE, limits = {} } = settings;
  return {
    name,
    baseUrl,
    connect: async (ledger, headers) => {
      // Most workspaces have no model, so its client is loaded on demand.
      const { createOpenAiModel } = await import("../models/openai.ts");
      return createOpenAiModel({
        ...{ name, baseUrl, price, isPriceAssumed: settings.price === undefined },
        ...doorOptions({ apiKey, budget, limits, ledger, headers }, { callMs: 12 * SECOND, runMs: 20 * SECOND }),
      });
    },
  };
}

/** How to connect the model of a workspace, or undefined; calls `say` with the reason if `model:` is set but incomplete. */
export function modelOf(settings: ModelSettings | undefined, config: ModelConfig, say: (why: string) => void): ConnectModel | undefined {
  const { replay, record } = config;
  if (settings && replay !== undefined) return () => replayFrom(replay);
  const plan = planModel(settings, config);
  if (!("missing" in plan)) return record ? async (ledger, headers) => recordTo(record, await plan.connect(ledger, headers)) : plan.connect;
  if (settings) say(plan.missing);
  return undefined;
}

/** What the settings of an endpoint leave open, where a workspace or its environment says it. */
interface DoorSettings {
  readonly apiKey: string | undefined;
  readonly budget: NonNullable<ModelSettings["budget"]>;
  readonly limits: NonNullable<ModelSettings["limits"]>;
  readonly ledger: SpendingLedger;
  readonly headers: (() => Readonly<Record<string, string>>) | undefined;
}

/** How requests to an endpoint are bounded and paid for: the same of every kind of model, but for the time limits without `limits`. */
export const doorOptions = (
  { apiKey, budget, limits, ledger, headers }: DoorSettings,
  { callMs, runMs }: Pick<DoorLimits, "callMs" | "runMs">,
): Omit<DoorOptions, "name" | "baseUrl" | "priceOf"> => ({
  ledger,
  ...(headers ? { headers } : {}),
  // Local endpoints need no key, but the client requires one.
  apiKey: apiKey ?? "none",
  budget: {
    perRun: { tokens: budget.perRunTokens ?? RUN_TOKENS, usd: budget.perRunUsd },
    perDay: { tokens: budget.perDayTokens, usd: budget.perDayUsd },
  },
  limits: { callMs: limits.call ?? callMs, runMs: limits.run ?? runMs, concurrency: limits.concurrency ?? 16 },
  // Budgets are per wall-clock day, also in a replay.
  now: Date.now,
  random: Math.random,
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => {}),
});

// --- internal ---

/** Price of an expensive model, if the workspace states none: a budget in dollars is reached too early rather than too late. */
const ASSUMED_PRICE: Price = { inputPerMillion: 15, outputPerMillion: 75 };

/** About ten calls of typical length, and more than a message of the greatest length in all its parts. */
const RUN_TOKENS = 60_000;
