import type { LanguageModel } from "../../agents/agent.ts";
import type { Step, WakeRun } from "../../agents/wake-run.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { Model } from "../../models/model.ts";
import { aSignal, NOW, signalWake } from "../../testing/builders.ts";

/** How one case went, once. */
export interface Trial {
  /** Whether the result is the one that is wanted. */
  readonly passed: boolean;
  /** Whether nothing got out that no check has seen; has to be so with every model, however bad. */
  readonly held: boolean;
  /** Whether the result is the model's own, and not what holds without one. */
  readonly own: boolean;
  /** What was wrong, in a few words. */
  readonly because?: string;
  readonly steps: readonly Step[];
}

/** One labelled case of a suite. A language model that is missing means rules and statistics alone. */
export interface AgentCase {
  readonly id: string;
  run(model: LanguageModel | undefined, runId: string): Promise<Trial>;
  /** A model that gives the right answer: what it does not reach, checks or the environment prevent. */
  right(): Model;
  /** A model that answers in the right shape what it must not: what it reaches, no check prevents. */
  wrong(): Model;
}

export interface AgentSuite {
  readonly name: string;
  /** What the rows of this suite measure, by contestant. */
  readonly measures: { readonly rules: string; readonly right: string; readonly wrong: string };
  /** Names of the prompts that it puts. */
  readonly prompts: readonly string[];
  readonly policy: Policy;
  readonly cases: readonly AgentCase[];
}

/** A case of the machine as an agent gets it, for a signal with these words. */
export const caseFor = (runId: string, text: string): WakeRun => ({
  ...{ wakeId: runId, runId, now: NOW, asked: new Set<string>(), rejected: [], steps: [] },
  wake: signalWake(aSignal("message.received", { channel: "chat", text })),
});

/** A trial whose result is wanted or not. */
export const trial = (steps: readonly Step[], outcome: Omit<Trial, "steps">): Trial => ({ ...outcome, steps });
