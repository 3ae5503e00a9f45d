import type { Instant } from "./time.ts";

/** What a condition or a text may read. Built once per wake; `moment` and `experience` are added where they are known. */
export interface Scope {
  readonly now: Instant;
  /** The customer's zone, or the workspace's where the customer has none. */
  readonly zone: string;
  readonly customer: Readonly<Record<string, unknown>>;
  /** Empty when a timer woke. */
  readonly signal: Readonly<Record<string, unknown>>;
  readonly moment?: Readonly<Record<string, unknown>>;
  readonly experience?: Readonly<Record<string, unknown>>;
  /** Touches that are less than `windowMs` old. */
  touches(windowMs: number, channel?: string): number;
  /** Signals of a type that are less than `windowMs` old. */
  count(type: string, windowMs: number): number;
  /** The customer's usual days between two signals of a type; undefined before the second. */
  cadence(type: string): number | undefined;
}

/**
 * How a condition came out. `missing`: it read a field that is not there, and nothing else decided it.
 * `mistyped`: its value is not true or false, or it compares what does not compare; `detail` says what.
 */
export type Answer = { readonly outcome: "met" | "unmet" } | { readonly outcome: "missing" | "mistyped"; readonly detail: string };

/** A compiled condition. The text is what the author wrote. */
export interface Condition {
  readonly text: string;
  ask(scope: Scope): Answer;
}

/** An expression that gives a number, such as the days of `absent … for`. */
export interface NumberExpression {
  readonly text: string;
  /** Undefined when a field is missing or the value is not a finite number. */
  value(scope: Scope): number | undefined;
}

/** A condition and what the decision says when it fails. */
export interface Criterion {
  readonly when: Condition;
  readonly reason?: string;
}

export const isMet = (condition: Condition, scope: Scope): boolean => condition.ask(scope).outcome === "met";

/** For conditions that keep something back: what does not compare counts as met, what is merely missing does not. */
export const isMetInDoubt = (answer: Answer): boolean => answer.outcome === "met" || answer.outcome === "mistyped";
