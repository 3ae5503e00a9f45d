import type { Json } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/**
 * The golden record: every source's latest word on every field is kept as a claim, and what the field reads as is
 * computed from the claims, the rules and the time. Nothing is overwritten that a rule could later want back.
 */
export interface Claim {
  readonly value: Json;
  readonly at: Instant;
  /** Order of arrival: of two claims with the same time the one that arrived later is newer. */
  readonly seq: number;
}

/** path → source → claim. A path joins field names with dots; a dot inside a name is written `\.`. */
export type Claims = Readonly<Record<string, Readonly<Record<string, Claim>>>>;

export interface FieldRule {
  readonly rule: "last_updated" | "source_sequence";
  readonly sources?: readonly string[];
  /** Milliseconds after which a value no longer competes. */
  readonly maxAge?: number;
  readonly onConflict: "resolve" | "hold";
}

export interface RecordRules {
  /** The order `source_sequence` uses where a field lists none. */
  readonly sources: readonly string[];
  readonly fields: Readonly<Record<string, FieldRule>>;
}
