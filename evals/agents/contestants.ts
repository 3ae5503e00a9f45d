import type { LanguageModel } from "../../agents/agent.ts";
import { createMemory, languageModel } from "../../engine/ask-model.ts";
import type { Model } from "../../models/model.ts";
import type { AgentCase } from "./trial.ts";

/** The model under test: none (rules), a scripted one that is right, one that is wrong, or an endpoint. */
export interface Contestant {
  readonly name: string;
  readonly kind: "rules" | "right" | "wrong" | "live";
  /** The model of one trial; trials share no state. */
  modelFor(one: AgentCase): LanguageModel | undefined;
}

export const RULES: Contestant = { name: "rules", kind: "rules", modelFor: () => undefined };
export const RIGHT: Contestant = { name: "scripted right", kind: "right", modelFor: (one) => forTrial(one.right()) };
export const WRONG: Contestant = { name: "scripted wrong", kind: "wrong", modelFor: (one) => forTrial(one.wrong()) };
export const live = (model: Model): Contestant => ({ name: model.name, kind: "live", modelFor: () => forTrial(model) });

// --- internal ---

const forTrial = (model: Model): LanguageModel => languageModel(model, createMemory());
