import type { LanguageModel } from "../../agents/agent.ts";
import type { Step, WakeRun } from "../../agents/wake-run.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { Model } from "../../models/model.ts";
import { aSignal, NOW, signalWake } from "../../testing/builders.ts";

/** The result of one trial of a case. */
export interface Trial {
  /** Whether the result is the expected one. */
  readonly passed: boolean;
  /** Whether all output was checked; required for every model, however bad. */
  readonly held: boolean;
  /** Whether the result is the model's own, not the fallback without one. */
  readonly own: boolean;
  /** Short reason of a failure. */
  readonly because?: string;
  readonly steps: readonly Step[];
}

/** One labelled case of a suite. Without a language model, only rules and statistics decide. */
export interface AgentCase {
  readonly id: string;
  run(model: LanguageModel | undefined, runId: string): Promise<Trial>;
  /** A model that gives the right answer: where it fails, checks or the environment prevented it. */
  right(): Model;
  /** A model with well-formed but forbidden answers: where it succeeds, no check prevented it. */
  wrong(): Model;
}

export interface AgentSuite {
  readonly name: string;
  /** What the rows of this suite measure, by contestant. */
  readonly measures: { readonly rules: string; readonly right: string; readonly wrong: string };
  /** Names of its prompts. */
  readonly prompts: readonly string[];
  readonly policy: Policy;
  readonly cases: readonly AgentCase[];
}

/** A wake run as an agent receives it, for a signal with this text. */
export const caseFor = (runId: string, text: string): WakeRun => ({
  ...{ wakeId: runId, runId, now: NOW, asked: [], rejected: [], steps: [] },
  wake: signalWake(aSignal("message.received", { channel: "chat", text })),
});

/** A trial with its outcome. */
export const trial = (steps: readonly Step[], outcome: Omit<Trial, "steps">): Trial => ({ ...outcome, steps });
