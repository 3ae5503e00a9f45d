import { type ASTNode, Environment, EvaluationError, type ParseResult } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import type { Answer, Condition, NumberExpression, Scope } from "../domain/condition.ts";
import { type ParsedTime, parseDuration, parseTime } from "../domain/time.ts";
import { daysUntil, daysUntilAnniversary, resolveTime } from "../domain/zone.ts";

/** A condition or expression as compiled, or why it cannot be. `column` counts from 0 within the text. */
export type Compiled<T> =
  | { readonly ok: true; readonly value: T; readonly windows: readonly Window[] }
  | { readonly ok: false; readonly problem: string; readonly column: number };

/** How far back a condition looks: at signals of a type, or (without a type) at touches. */
export interface Window {
  readonly type?: string;
  readonly windowMs: number;
}

/** Compiles a CEL condition once. Unknown variables, functions and fields of known shapes are problems. */
export function compileCondition(text: string): Compiled<Condition> {
  const compiled = compile(text);
  if (!compiled.ok) return compiled;
  const { run, type, windows } = compiled;
  if (type !== "bool" && type !== "dyn") return { ok: false, problem: `gives ${type}, expected true or false`, column: 0 };
  return { ok: true, windows, value: { text, ask: (scope) => answer(run, scope) } };
}

/** Compiles a CEL expression that gives a number. */
export function compileNumber(text: string): Compiled<NumberExpression> {
  const compiled = compile(text);
  if (!compiled.ok) return compiled;
  const { run, type, windows } = compiled;
  if (!["int", "uint", "double", "dyn"].includes(type)) return { ok: false, problem: `gives ${type}, expected a number`, column: 0 };
  const value = (scope: Scope): number | undefined => {
    const given = evaluate(run, scope);
    const number = "value" in given ? Number(given.value) : Number.NaN;
    return Number.isFinite(number) && typeof given !== "boolean" ? number : undefined;
  };
  return { ok: true, windows, value: { text, value } };
}

// --- internal ---

type Run = ParseResult;

/** Set around each evaluation: CEL functions get no context, and evaluation is synchronous. */
let current: Scope | undefined;

const MISSING = "no_such_key";
const missing = (what: string) => new EvaluationError({ code: MISSING, message: `${what} is missing` });

function scopeNow(): Scope {
  if (!current) throw new Error("a condition's function was called outside of an evaluation");
  return current;
}

function asTime(value: unknown, what: string): ParsedTime {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return { kind: "instant", at: value.getTime() };
  const parsed = typeof value === "string" ? parseTime(value) : undefined;
  if (!parsed) throw missing(`${what}: a date`);
  return parsed;
}

function windowOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new EvaluationError({ code: "invalid_argument", message: `${text} is not a duration like 7d` });
  return ms;
}

const daysTo = (time: unknown, name: string): number => daysUntil(asTime(time, name), scopeNow().now, scopeNow().zone);
const hoursTo = (time: unknown, name: string): number => (resolveTime(asTime(time, name), scopeNow().zone) - scopeNow().now) / 3_600_000;

const FUNCTIONS: Readonly<Record<string, (...args: never[]) => unknown>> = {
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
  // CEL's own `matches` runs on a backtracking engine; the language is defined over RE2, which a text cannot stall.
  "string.MATCHES(string): bool": (text: string, pattern: string) => RE2JS.compile(pattern).matcher(text).find(),
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

const environment = createEnvironment();

function createEnvironment(): Environment {
  const time = "google.protobuf.Timestamp";
  const made = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
    .registerVariable("customer", "dyn")
    .registerVariable("now", time)
    .registerVariable("signal", { schema: { type: "string", source: "string", time, data: "dyn" } })
    .registerVariable("moment", { schema: { name: "string", openedAt: time, urgency: "double", data: "dyn" } })
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
  // Numbers are one kind here, while CEL keeps whole and other numbers apart.
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
  for (const [signature, handler] of Object.entries(FUNCTIONS)) made.registerFunction(signature, handler);
  made.registerFunction("HAS(ast): bool", ({ args }: { args: ASTNode[] }) => hasMacro(args[0]));
  return made;
}

/** `has(a.b.c)`: true when the whole path is there and not null. CEL's own throws when a parent is missing. */
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
        if (codeOf(error) === MISSING) return false;
        throw error;
      }
    },
  };
}

function compile(text: string): { ok: true; run: Run; type: string; windows: Window[] } | { ok: false; problem: string; column: number } {
  try {
    const { ast } = environment.parse(text);
    const edits: Edit[] = [];
    const windows: Window[] = [];
    for (const node of nodesOf(ast)) {
      const edit = rewritten(node);
      if (edit) edits.push(edit);
      const problem = windowProblem(node, windows);
      if (problem) return { ok: false, problem, column: node.start };
    }
    // From the end, so that what is inserted does not move the places of the edits that are left.
    edits.sort((a, b) => b.at - a.at);
    const ours = edits.reduce((edited, { at, replaces, name }) => edited.slice(0, at) + name + edited.slice(at + replaces), text);
    const run = environment.parse(ours);
    const { valid, type, error } = run.check();
    if (!valid) return { ok: false, ...describe(error) };
    return { ok: true, run, type: type ?? "dyn", windows };
  } catch (error) {
    return { ok: false, ...describe(error) };
  }
}

interface Edit {
  readonly at: number;
  readonly replaces: number;
  readonly name: string;
}

/**
 * What means something else here is rewritten in place: `has` and `matches` letter for letter, so that columns stay right,
 * and a whole number that divides becomes a decimal, because numbers are one kind and 3 / 2 is 1.5.
 */
function rewritten(node: ASTNode): Edit | undefined {
  if (node.op === "call" && node.args[0] === "has") return { at: node.start, replaces: 3, name: "HAS" };
  if (node.op === "/") {
    const [, divisor] = node.args;
    return divisor.op === "value" && typeof divisor.args === "bigint" ? { at: divisor.end, replaces: 0, name: ".0" } : undefined;
  }
  if (node.op !== "rcall" || node.args[0] !== "matches") return undefined;
  const at = node.input.indexOf("matches", node.args[1].end);
  return at < 0 ? undefined : { at, replaces: 7, name: "MATCHES" };
}

/** Windows are read before a customer is loaded, so they must be written out. */
function windowProblem(node: ASTNode, windows: Window[]): string | undefined {
  if (node.op !== "call" || (node.args[0] !== "touches" && node.args[0] !== "count")) return undefined;
  const [name, args] = node.args;
  const window = args[name === "count" ? 1 : 0];
  if (!window) return undefined;
  const windowMs = window.op === "value" && typeof window.args === "string" ? parseDuration(window.args) : undefined;
  if (windowMs === undefined) return `${name}() expects its window as text, like '7d'`;
  if (name === "touches") {
    windows.push({ windowMs });
    return undefined;
  }
  const type = args[0];
  if (type?.op !== "value" || typeof type.args !== "string") return "count() expects the signal type as text, like 'page.viewed'";
  windows.push({ type: type.args, windowMs });
  return undefined;
}

function* nodesOf(node: ASTNode): Generator<ASTNode> {
  yield node;
  const walk = function* (part: unknown): Generator<ASTNode> {
    if (Array.isArray(part)) for (const inner of part) yield* walk(inner);
    else if (typeof part === "object" && part !== null && "op" in part) yield* nodesOf(part as ASTNode);
  };
  yield* walk(node.args);
}

function describe(error: unknown): { problem: string; column: number } {
  if (!(error instanceof Error)) return { problem: String(error), column: 0 };
  const { summary, range } = error as Error & { summary?: string; range?: { start: number } };
  const problem = (summary ?? error.message.split("\n")[0] ?? "").replaceAll("HAS(", "has(").replaceAll("MATCHES(", "matches(");
  return { problem, column: range?.start ?? 0 };
}

/** What was missing: the path as written, where the error knows it. */
function missingName(error: unknown): string {
  const { node } = error as { node?: ASTNode };
  if (node && (node.op === "." || node.op === "[]")) return `${node.input.slice(node.start, node.end)} is missing`;
  return describe(error).problem;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

function evaluate(run: Run, scope: Scope): { value: unknown } | { missing: string } | { mistyped: string } {
  const outer = current;
  current = scope;
  try {
    const { customer, signal, moment = {}, experience = {}, now } = scope;
    return { value: run({ customer, signal, moment, experience, now: new Date(now) }) };
  } catch (error) {
    return codeOf(error) === MISSING ? { missing: missingName(error) } : { mistyped: describe(error).problem };
  } finally {
    current = outer;
  }
}

function answer(run: Run, scope: Scope): Answer {
  const given = evaluate(run, scope);
  if ("missing" in given) return { outcome: "missing", detail: given.missing };
  if ("mistyped" in given) return { outcome: "mistyped", detail: given.mistyped };
  if (typeof given.value === "boolean") return { outcome: given.value ? "met" : "unmet" };
  return { outcome: "mistyped", detail: `its value is ${typeof given.value}, expected true or false` };
}
