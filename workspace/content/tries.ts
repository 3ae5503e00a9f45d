import { Context, type Liquid, LiquidError, type Template, toValueSync, Value } from "liquidjs";
import type { Json } from "../../domain/values/json.ts";
import { placeAt } from "../../domain/values/path.ts";
import { DATE_FILTERS } from "./liquid-engine.ts";
import { inPlace } from "./place.ts";

/** A computed value of a text, with its source for messages. */
export interface Tried {
  readonly value: Value;
  readonly text: string;
  /** Fields it reads, as names from the root. */
  readonly reads: readonly (readonly unknown[])[];
}

/**
 * Why a value can never be printed, whatever its fields hold: tried with one sample of each kind. Undefined where a sample succeeds,
 * or where samples prove nothing.
 */
export function whyNever({ value, text, reads }: Tried, engine: Liquid): string | undefined {
  if (!isTelling(value, reads)) return undefined;
  let why = "";
  for (const sample of reads.length === 0 ? [null] : SAMPLES) {
    const problem = problemWith(value, globalsOf(reads, sample), engine);
    if (problem === undefined || /limit exceeded/.test(problem)) return undefined;
    why = problem;
  }
  return `${text} can never be written, whatever it reads: ${why}`;
}

/** Every computed value of a text, including its shared templates. */
export function* valuesIn(templates: readonly Template[]): Generator<{ readonly value: Value; readonly text: string }> {
  for (const template of templates) {
    for (const value of template.arguments?.() ?? []) if (value instanceof Value) yield { value, text: template.token.getText() };
    if (template.children) yield* valuesIn(toValueSync(template.children(true, true)));
  }
}

/** The error message without its position, which does not apply to a line of YAML. */
export const plainly = (error: unknown): string => {
  const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
  return LiquidError.is(error) ? message.replace(/, line:\d+, col:\d+$/, "") : message;
};

// --- internal ---

/**
 * Whether samples represent all values: where nothing is read, or the filters depend only on the kind of a value. They do not where a
 * text is composed and then parsed as a date.
 */
function isTelling({ filters }: Value, reads: Tried["reads"]): boolean {
  if (filters.length === 0 || reads.some((names) => names.some((name) => typeof name === "object"))) return false;
  // The currency would be the same sample as the amount.
  if (reads.length > 1 && filters.some(({ name }) => name === "money")) return false;
  return reads.length === 0 || filters.every(({ name }) => BY_KIND.includes(name) || /^\[object/.test(name));
}

const BY_KIND: readonly string[] = [
  ...[...DATE_FILTERS, "number", "money"],
  ...["plus", "minus", "times", "divided_by", "modulo", "abs", "ceil", "floor", "round", "at_least", "at_most", "split"],
];

/** One sample of each kind of value in a record or a signal. */
const SAMPLES: readonly Json[] = [
  ...["text", "aGVsbG8=", 7, 1_780_326_000, true, ["text"], [{ name: "text" }], { name: "text" }],
  ...["2026-03-04", "2026-03-04T05:06:07Z"],
];

function globalsOf(reads: Tried["reads"], sample: Json): Record<string, unknown> {
  const globals: Record<string, unknown> = {};
  for (const names of reads) placeAt(globals, names.map(String), sample);
  return globals;
}

function problemWith(value: Value, globals: Record<string, unknown>, engine: Liquid): string | undefined {
  const context = new Context({}, engine.options, { globals, sync: true, strictVariables: false }, { liquid: engine });
  try {
    inPlace({ zone: "UTC" }, () => toValueSync(value.value(context)));
    return undefined;
  } catch (error) {
    return plainly(error);
  }
}
