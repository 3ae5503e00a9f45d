import { type ASTNode, Environment, EvaluationError } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import type { Scope } from "../domain/values/condition.ts";
import { nearest } from "../domain/values/nearest.ts";
import { type Instant, type ParsedTime, parseDuration, parseTime } from "../domain/values/time.ts";
import { daysUntil, daysUntilAnniversary, offsetAt, resolveTime } from "../domain/values/zone.ts";
import { zoneMeant } from "../domain/values/zone-names.ts";

/**
 * CEL functions with other semantics here, and their internal names: of equal length, so that columns in messages stay right. `has` is
 * false where a parent is missing. `matches` runs on RE2, whose syntax CEL specifies and which no input can stall. `size` and the parts of a
 * time return the single number type, and a time is read in its zone without a detour over the process's zone.
 */
export const RENAMED: ReadonlyMap<string, string> = new Map(
  [
    ...["has", "matches", "size"],
    ...["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"],
    ...["getHours", "getMinutes", "getSeconds", "getMilliseconds"],
  ].map((name) => [name, name.toUpperCase()]),
);

/** Runs an expression with a scope for its functions: the library passes them none, and evaluation is synchronous. */
export function inScope<T>(scope: Scope, run: () => T): T {
  const outer = current;
  current = scope;
  try {
    return run();
  } finally {
    current = outer;
  }
}

/** Whether an evaluation failed only because of a missing value. */
export const isAboutMissing = (error: unknown): boolean => MISSING.includes((error as { code?: unknown } | undefined)?.code);

/** Creates the environment of conditions: variables and functions. */
export function createEnvironment(): Environment {
  const made = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerVariable("customer", "dyn")
    .registerVariable("now", TIME)
    .registerVariable("signal", { schema: { type: "string", source: "string", time: TIME, data: "dyn" } })
    .registerVariable("moment", { schema: { name: "string", openedAt: TIME, urgency: "double", data: "dyn" } })
    .registerVariable("ask", { schema: { channel: "string", place: "string", context: "dyn" } })
    .registerVariable("experience", {
      schema: {
        id: "string",
        name: "string",
        department: "string",
        goal: "string",
        value: "double",
        serves: "list<string>",
        transactional: "bool",
      },
    });
  // There is one number type here, while CEL distinguishes int and double.
  const mixed = [
    ["int", "double"],
    ["double", "int"],
  ] as const;
  made.registerOperator("int == double", (a: unknown, b: unknown) => Number(a) === Number(b));
  for (const [left, right] of mixed) {
    for (const [sign, calculate] of Object.entries(ARITHMETIC)) {
      made.registerOperator(`${left} ${sign} ${right}: double`, (a: unknown, b: unknown) => calculate(Number(a), Number(b)));
    }
  }
  made.registerOperator("double % double: double", (a: number, b: number) => a % b);
  for (const [signature, handler] of Object.entries({ ...FUNCTIONS, ...partsOfTime() })) made.registerFunction(signature, handler);
  made.registerFunction("HAS(ast): bool", ({ args }: { args: ASTNode[] }) => hasMacro(args[0]));
  return made;
}

/** Whether a value expected to be a date exists and is not one. */
export const isAboutNoDate = (error: unknown): boolean => typeof error === "object" && error !== null && notDates.has(error);

/** An unknown function in the library's words, with the name of ours that is nearest; undefined for any other problem. */
export function unknownFunction(problem: string): string | undefined {
  const called = /^found no matching overload for '(?:[\w.<>]+\.)?(\w+)\(/.exec(problem)?.[1];
  if (called === undefined || NAMES.includes(called)) return undefined;
  const meant = nearest(called, NAMES);
  return meant === undefined ? undefined : `unknown function ${called}; did you mean ${meant}?`;
}

// --- internal ---

const notDates = new WeakSet<object>();

const TIME = "google.protobuf.Timestamp";
const MISSING: readonly unknown[] = ["no_such_key", "index_out_of_bounds"];

let current: Scope | undefined;

const missing = (what: string) => new EvaluationError({ code: "no_such_key", message: `${what} is missing` });

function scopeNow(): Scope {
  if (!current) throw new Error("a condition's function was called outside of an evaluation");
  return current;
}

function asTime(value: unknown, what: string): ParsedTime {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return { kind: "instant", at: value.getTime() };
  const parsed = typeof value === "string" ? parseTime(value.trim()) : undefined;
  if (parsed) return parsed;
  const error = missing(`${what}: a date`);
  if (value !== null && value !== undefined && value !== "") notDates.add(error);
  throw error;
}

function windowOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new EvaluationError({ code: "invalid_argument", message: `${text} is not a duration like 7d` });
  return ms;
}

const daysTo = (time: unknown, name: string): number => daysUntil(asTime(time, name), scopeNow().now, scopeNow().zone);
const hoursTo = (time: unknown, name: string): number => (resolveTime(asTime(time, name), scopeNow().zone) - scopeNow().now) / 3_600_000;

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

const sizeOf = (value: { readonly length?: number; readonly size?: number }): number =>
  value.length ?? value.size ?? Object.keys(value).length;
/** Length in characters, as in CEL: a surrogate pair is one. */
const lengthOf = (text: string): number => [...text].length;

const FUNCTIONS: Functions = {
  "daysUntil(dyn): double": (time: unknown) => daysTo(time, "daysUntil"),
  "daysSince(dyn): double": (time: unknown) => -daysTo(time, "daysSince"),
  "hoursUntil(dyn): double": (time: unknown) => hoursTo(time, "hoursUntil"),
  "hoursSince(dyn): double": (time: unknown) => -hoursTo(time, "hoursSince"),
  "daysUntilAnniversary(dyn): double": (time: unknown) =>
    daysUntilAnniversary(asTime(time, "daysUntilAnniversary"), scopeNow().now, scopeNow().zone),
  "touches(string): double": (window: string) => scopeNow().touches(windowOf(window)),
  "touches(string, string): double": (window: string, channel: string) => scopeNow().touches(windowOf(window), channel),
  "count(string, string): double": (type: string, window: string) => scopeNow().count(type, windowOf(window)),
  "cadence(string): double": (type: string) => {
    const days = scopeNow().cadence(type);
    if (days === undefined) throw missing(`cadence of ${type}`);
    return days;
  },
  "string.MATCHES(string): bool": (text: string, pattern: string) => RE2JS.compile(pattern).matcher(text).find(),
  "SIZE(string): double": lengthOf,
  "string.SIZE(): double": lengthOf,
  "SIZE(list): double": sizeOf,
  "list.SIZE(): double": sizeOf,
  "SIZE(map): double": sizeOf,
  "map.SIZE(): double": sizeOf,
};

/** Names that a condition may call. */
const NAMES: readonly string[] = [
  ...new Set(Object.keys(FUNCTIONS).map((signature) => /(\w+)\(/.exec(signature)?.[1] ?? "")),
  ...RENAMED.keys(),
  ...["contains", "startsWith", "endsWith", "exists", "all", "filter", "map", "string", "int", "double", "duration", "timestamp"],
];

/** Parts of a time, in UTC or in a zone, counted as in CEL: months, days of the month, the week and the year from 0. */
const PARTS: Readonly<Record<string, (wall: Date) => number>> = {
  GETFULLYEAR: (wall) => wall.getUTCFullYear(),
  GETMONTH: (wall) => wall.getUTCMonth(),
  GETDATE: (wall) => wall.getUTCDate(),
  GETDAYOFMONTH: (wall) => wall.getUTCDate() - 1,
  GETDAYOFWEEK: (wall) => wall.getUTCDay(),
  GETDAYOFYEAR: (wall) => Math.floor((wall.getTime() - Date.UTC(wall.getUTCFullYear(), 0, 1)) / 86_400_000),
  GETHOURS: (wall) => wall.getUTCHours(),
  GETMINUTES: (wall) => wall.getUTCMinutes(),
  GETSECONDS: (wall) => wall.getUTCSeconds(),
  GETMILLISECONDS: (wall) => wall.getUTCMilliseconds(),
};

/** Milliseconds per unit of a duration. */
const SPANS = { GETHOURS: 3_600_000, GETMINUTES: 60_000, GETSECONDS: 1_000, GETMILLISECONDS: 1 } as const;

interface Span {
  readonly seconds: bigint;
  readonly nanos: number;
}

function partsOfTime(): Functions {
  const functions: Record<string, (...args: never[]) => unknown> = {};
  for (const [name, part] of Object.entries(PARTS)) {
    functions[`${TIME}.${name}(): double`] = (time: Date) => part(time);
    functions[`${TIME}.${name}(string): double`] = (time: Date, zone: string) => part(new Date(wallTime(time.getTime(), zone)));
  }
  for (const [name, unit] of Object.entries(SPANS)) {
    functions[`google.protobuf.Duration.${name}(): double`] = ({ seconds, nanos }: Span) =>
      Math.trunc((Number(seconds) * 1000 + nanos / 1e6) / unit);
  }
  return functions;
}

function wallTime(at: Instant, zone: string): number {
  const meant = zoneMeant(zone);
  if (meant === undefined)
    throw new EvaluationError({ code: "invalid_argument", message: `${zone} is not a time zone like America/Chicago` });
  return at + offsetAt(at, meant);
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

/** `has(a.b.c)`: true where the whole path exists and is not null. CEL's own throws where a parent is missing. */
function hasMacro(path: ASTNode | undefined) {
  return {
    path,
    async: false,
    // biome-ignore lint/suspicious/noExplicitAny: the library does not export the types of its macro hooks
    typeCheck(checker: any, macro: { path?: ASTNode }, context: unknown) {
      const node = macro.path;
      if (!node || !(node.op === "." || node.op === "[]"))
        throw checker.createError("invalid_macro_argument", "has() expects a field, like has(customer.lease.endsOn)", node);
      checker.check(node, context);
      return checker.getType("bool");
    },
    // biome-ignore lint/suspicious/noExplicitAny: as above
    evaluate(evaluator: any, macro: { path?: ASTNode }, context: unknown): boolean {
      try {
        const value: unknown = evaluator.run(macro.path, context);
        return value !== null && value !== undefined;
      } catch (error) {
        if (isAboutMissing(error)) return false;
        throw error;
      }
    },
  };
}
