import type { Candidate, Decision } from "../../../domain/entities/decision.ts";
import type { Json } from "../../../domain/values/json.ts";

/** A fact that is supposed: the path of the trait, and what was typed as its value. */
export interface SupposedFact {
  readonly path: string;
  readonly value: string;
}

/** What is asked, as the form has it. */
export interface Asked {
  readonly facts: readonly SupposedFact[];
  /** As the browser's field has it, in UTC: `2026-06-01T15:00`. */
  readonly at: string;
  readonly policy: string;
}

/** The value of what was typed: JSON where it is JSON, nothing where it is empty, and a text otherwise. */
export function valueIn(typed: string): Json {
  const text = typed.trim();
  if (text === "") return null;
  try {
    return JSON.parse(text) as Json; // What is JSON is Json.
  } catch {
    return text;
  }
}

/** How a typed value is understood. */
export function understoodAs(typed: string): string {
  const value = valueIn(typed);
  if (value === null) return "not known";
  if (Array.isArray(value)) return "a list";
  return { string: "a text", number: "a number", boolean: "yes or no", object: "several values" }[typeof value as string] ?? "";
}

/** The body of the request. */
export function bodyOf({ facts, at, policy }: Asked): {
  readonly set?: Record<string, Json>;
  readonly at?: string;
  readonly policy?: string;
} {
  const set = Object.fromEntries(facts.filter(({ path }) => path.trim() !== "").map(({ path, value }) => [path.trim(), valueIn(value)]));
  return {
    ...(Object.keys(set).length === 0 ? {} : { set }),
    ...(at === "" ? {} : { at: `${at}${/T\d\d:\d\d$/.test(at) ? ":00" : ""}Z` }),
    ...(policy === "" ? {} : { policy }),
  };
}

/** The question in a sentence, for the answer to it. */
export function askedWords({ set, at, policy }: ReturnType<typeof bodyOf>): string {
  const parts = [
    ...Object.entries(set ?? {}).map(([path, value]) =>
      value === null ? `${path} were not known` : `${path} were ${JSON.stringify(value)}`,
    ),
    ...(at === undefined ? [] : [`it were ${at}`]),
    ...(policy === undefined ? [] : [`version ${policy.slice(0, 12)} were in force`]),
  ];
  return parts.length === 0 ? "If nothing were otherwise" : `If ${parts.join(", ")}`;
}

/** What became of one experience on both sides. */
export interface Pair {
  readonly experienceId: string;
  readonly before: Candidate | undefined;
  readonly after: Candidate | undefined;
}

const essence = (candidate: Candidate | undefined): string =>
  JSON.stringify(candidate && [candidate.verdict, candidate.channel, candidate.reasons.map(({ code }) => code)]);

/** The candidates that came out otherwise, in the order of the decision that was made. */
export function otherwise(before: Pick<Decision, "candidates">, after: Pick<Decision, "candidates"> | null): readonly Pair[] {
  const ids = [...new Set([...before.candidates, ...(after?.candidates ?? [])].map(({ experienceId }) => experienceId))];
  const of = (decision: Pick<Decision, "candidates"> | null, id: string) =>
    decision?.candidates.find(({ experienceId }) => experienceId === id);
  return ids
    .map((experienceId) => ({ experienceId, before: of(before, experienceId), after: of(after, experienceId) }))
    .filter((pair) => essence(pair.before) !== essence(pair.after));
}
