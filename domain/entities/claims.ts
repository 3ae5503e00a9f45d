import type { Json } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/**
 * Input of the golden record: the latest value of each field by source. The field's value is computed from claims, rules and time, so
 * nothing is overwritten that a changed rule could need again.
 */
export interface Claim {
  readonly value: Json;
  readonly at: Instant;
  /** Order of arrival; of two claims with the same time the higher one is newer. */
  readonly seq: number;
}

/** path → source → claim. A path joins field names with dots; a dot inside a name is written `\.`. */
export type Claims = Readonly<Record<string, Readonly<Record<string, Claim>>>>;

export interface FieldRule {
  readonly rule: "last_updated" | "source_sequence";
  readonly sources?: readonly string[];
  /** Age in milliseconds after which a value no longer competes. */
  readonly maxAge?: number;
  readonly onConflict: "resolve" | "hold";
}

export interface RecordRules {
  /** Source order for `source_sequence` where a field lists none. */
  readonly sources: readonly string[];
  readonly fields: Readonly<Record<string, FieldRule>>;
}
