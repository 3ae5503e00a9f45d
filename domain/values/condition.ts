import { isObject } from "./json.ts";
import type { Instant } from "./time.ts";

/** Everything that a condition or a text may read. Built once per wake; `moment` and `experience` are added where known. */
export interface Scope {
  readonly now: Instant;
  /** The customer's zone, or the workspace's where the customer has none. */
  readonly zone: string;
  readonly customer: Readonly<Record<string, unknown>>;
  /** Empty for a timer. */
  readonly signal: Readonly<Record<string, unknown>>;
  readonly moment?: Readonly<Record<string, unknown>> | undefined;
  readonly experience?: Readonly<Record<string, unknown>> | undefined;
  /** What was asked for: `channel`, `place`, `context`; missing where no ask woke the customer. */
  readonly ask?: Readonly<Record<string, unknown>>;
  /** Number of touches younger than `windowMs`. */
  touches(windowMs: number, channel?: string): number;
  /** Number of signals of a type younger than `windowMs`. */
  count(type: string, windowMs: number): number;
  /** The customer's usual gap in days between two signals of a type; undefined before the second one. */
  cadence(type: string): number | undefined;
  /** Set where stale and disputed fields count as missing: those covered by a customer path, and why. */
  doubtsAbout?(path: string): readonly Doubt[];
  /** Answers so far. A condition that several experiences share, and that reads none of them, is evaluated once. */
  readonly answers?: Answers;
}

/** Answers to conditions that read no experience: those that read no moment either, and those that read this moment. */
export interface Answers {
  /** What they are about: in a scope of another customer or moment they do not count. */
  readonly customer: Scope["customer"];
  readonly moment: Scope["moment"] | undefined;
  readonly ofCustomer: KnownAnswers;
  readonly ofMoment: KnownAnswers;
  /** The scopes within moments of the scope that the answers were made with. */
  readonly within: Within | undefined;
}

/** The scopes of an experience that is looked at. */
export interface Scopes<One = Scope> {
  /** @param isShared one that holds for every experience will do */
  whole(isShared?: boolean): One;
}

/** A scope, and those within its moments. */
export interface Within {
  scope: Scope | undefined;
  readonly moments: { readonly moment: object; readonly scope: Scope }[];
}

/** Answers of the conditions asked in one scope. The map is created with the first: most scopes have no condition. */
export class KnownAnswers {
  private known: Map<Condition, Known> | undefined;

  of(condition: Condition): Known {
    this.known ??= new Map();
    const known = this.known.get(condition);
    if (known) return known;
    const made = {};
    this.known.set(condition, made);
    return made;
  }
}

/** What is known of a condition in a scope. */
export interface Known {
  answer?: Answer;
  faults?: readonly Fault[];
  /** By what is wanted. */
  needs?: Map<boolean, readonly Need[] | undefined>;
}

/** A field that is stale or held in conflict. `why` continues its name: `is 59 days old (crm), older than the 14 days allowed`. */
export interface Doubt {
  readonly path: string;
  readonly why: string;
}

/**
 * Result of a condition. `missing`: a field it reads does not exist, and nothing else decided it. `mistyped`: its value is not a
 * boolean, or it compares incomparable values; `detail` names them.
 */
export type Answer = { readonly outcome: "met" | "unmet" } | { readonly outcome: "missing" | "mistyped"; readonly detail: string };

/** A compiled condition with its source text. */
export interface Condition {
  readonly text: string;
  /** Set where it reads no experience: it has one answer for all of them. */
  readonly isShared?: true;
  /** Set where it reads neither a moment nor an experience: it is asked without the scope of one. */
  readonly isOfCustomer?: true;
  /** Fields of the customer without any of which it does not hold, as names from her record. */
  readonly needed?: readonly (readonly string[])[];
  ask(scope: Scope): Answer;
  /** For a condition that does not hold: the parts that keep it from holding. */
  faults(scope: Scope): readonly Fault[];
  /** For a condition that is not `wanted`: what would make it so, in words. Undefined where a part has no words. */
  needs(scope: Scope, wanted: boolean): readonly Need[] | undefined;
}

/** A change that a condition waits for, in words: `a churn score of at least 0.7`, and what holds instead: `none is known`. */
export interface Need {
  readonly wanted: string;
  /** Missing where `wanted` names alternatives, each with what holds instead. */
  readonly today?: string;
}

/** A part of a condition that keeps it from holding: a comparison, `has()`, a field that is neither true nor false. */
export interface Fault {
  /** Customer fields that the part reads, by path. */
  readonly reads: readonly string[];
}

/** An expression that gives a number, such as the days of `absent … for`. */
export interface NumberExpression {
  readonly text: string;
  /** Undefined when a field is missing or the value is not a finite number. */
  value(scope: Scope): number | undefined;
}

/** A condition, and the reason recorded when it fails. */
export interface Criterion {
  readonly when: Condition;
  readonly reason?: string;
}

export const isMet = (condition: Condition, scope: Scope): boolean =>
  // Most fields that a condition reads are missing of most customers, and an evaluation that fails takes longer than one that does not.
  (condition.needed ?? []).every((names) => hasField(scope.customer, names)) && condition.ask(scope).outcome === "met";

/** For approval: a field that is not known counts as met too. */
export const isMetOrUnknown = (answer: Answer): boolean => answer.outcome !== "unmet";

/** For conditions that block: an incomparable value counts as met, a missing one does not. */
export const isMetInDoubt = (answer: Answer): boolean => answer.outcome === "met" || answer.outcome === "mistyped";

// --- internal ---

function hasField(customer: Scope["customer"], names: readonly string[]): boolean {
  let value: unknown = customer;
  for (const name of names) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return false;
    value = value[name];
  }
  return true;
}
