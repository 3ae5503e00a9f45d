import type { OutcomeKind } from "./customer.ts";

/** What a canary must not do to its customers. */
export type Guard =
  /** At most this share of its deliveries may have the outcome. */
  | { readonly outcome: OutcomeKind; readonly max: number }
  /** Its success must not be lower than that of the experiences that serve the same moments by more than this share. */
  | { readonly success: "below"; readonly of: "others"; readonly by: number };

/** How an experience is tried on some customers first. */
export interface CanaryRule {
  /** Share of customers who may get it, from 0 to 1. */
  readonly share: number;
  /** How long it is tried. */
  readonly for: number;
  readonly guards: readonly Guard[];
  /** Fewest deliveries after which the ending `approve` approves it. */
  readonly least: number;
  /** What it becomes once the time is over and no guard is broken. */
  readonly ending: "stay" | "approve";
}

/** The approved experience that a canary replaces, as its author wrote it: it stays for the other customers. */
export interface Replaced {
  /** The last version in which it was approved. */
  readonly policyVersion: string;
  /** The text of its file. */
  readonly text: string;
}

/** By id of the experience, for each canary of a publication that replaces one. */
export type ReplacedByCanaries = Readonly<Record<string, Replaced>>;

/** An experience that is tried. */
export interface Canary extends CanaryRule {
  /** Names what is tried: a hash of its file outside `canary`. What the guards saw counts for this alone, and so does a stop. */
  readonly life: string;
}

/** The share of customers on whom a canary is tried, such as `10 %`. */
export const shareInWords = ({ share }: Pick<Canary, "share">): string => `${Number((share * 100).toPrecision(3))} %`;
