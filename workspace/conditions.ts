import type { ASTNode, ParseResult } from "@marcbachmann/cel-js";
import { RE2JS } from "re2js";
import type { Answer, Condition, Fault, Known, Need, NumberExpression, Scope } from "../domain/values/condition.ts";
import { readPath } from "../domain/values/path.ts";
import { parseDuration } from "../domain/values/time.ts";
import { createEnvironment, inScope, isAboutMissing, isAboutNoDate, RENAMED, unknownFunction } from "./condition-environment.ts";
import { childrenOf, customerPaths, faultyIn, namesOf, neededFields, partsOf } from "./condition-faults.ts";
import { type ConditionName, namesIn } from "./condition-names.ts";
import { needsIn } from "./wording/needs.ts";

/** A compiled condition or expression, or the reason for failure. `column` counts from 0 within the text. */
export type Compiled<T> =
  | { readonly ok: true; readonly value: T; readonly windows: readonly Window[]; readonly names: readonly ConditionName[] }
  | { readonly ok: false; readonly problem: string; readonly column: number };

/** Look-back of a condition: over signals of a type, or (without a type) over touches. */
export interface Window {
  readonly type?: string;
  readonly windowMs: number;
}

/** Compiles a CEL condition. Unknown variables, functions and fields of known shapes are problems. */
export function compileCondition(text: string): Compiled<Condition> {
  const compiled = compile(text);
  if (!compiled.ok) return compiled;
  const { run, type, windows, names } = compiled;
  if (type !== "bool" && type !== "dyn") return { ok: false, problem: `gives ${type}, expected true or false`, column: 0 };
  const { ast } = run;
  const isShared = !readsRoot(ast, "experience");
  const readsMoment = readsRoot(ast, "moment");
  const needed = neededFields(ast);
  const knownIn = createKnown(isShared, readsMoment);
  const value: Condition = {
    text,
    ...(isShared ? { isShared } : {}),
    ...(isShared && !readsMoment ? { isOfCustomer: true } : {}),
    ...(needed.length > 0 ? { needed } : {}),
    ask(scope) {
      const known = knownIn(scope, value);
      known.answer ??= answer(run, scope);
      return known.answer;
    },
    faults(scope) {
      const known = knownIn(scope, value);
      known.faults ??= faultsOf(ast, scope);
      return known.faults;
    },
    needs(scope, wanted) {
      const known = knownIn(scope, value);
      known.needs ??= new Map();
      if (!known.needs.has(wanted)) known.needs.set(wanted, needsOf(ast, scope, wanted));
      return known.needs.get(wanted);
    },
  };
  return { ok: true, windows, names, value };
}

/** Compiles a CEL expression for a number. */
export function compileNumber(text: string): Compiled<NumberExpression> {
  const compiled = compile(text);
  if (!compiled.ok) return compiled;
  const { run, type, windows, names } = compiled;
  if (!["int", "uint", "double", "dyn"].includes(type)) return { ok: false, problem: `gives ${type}, expected a number`, column: 0 };
  const value = (scope: Scope): number | undefined => {
    const given = evaluate(run, scope);
    const isNumber = "value" in given && (typeof given.value === "number" || typeof given.value === "bigint");
    const number = isNumber ? Number(given.value) : Number.NaN;
    return Number.isFinite(number) ? number : undefined;
  };
  return { ok: true, windows, names, value: { text, value } };
}

// --- internal ---

type Run = ParseResult;

const environment = createEnvironment();

type Parsed =
  | { readonly ok: true; readonly run: Run; readonly type: string; readonly windows: Window[]; readonly names: readonly ConditionName[] }
  | { readonly ok: false; readonly problem: string; readonly column: number };

function compile(text: string): Parsed {
  let edits: Edit[] = [];
  try {
    const { ast } = environment.parse(text);
    const windows: Window[] = [];
    const nodes = [...nodesOf(ast)];
    for (const node of nodes) {
      const problem = windowProblem(node, windows) ?? patternProblem(node);
      if (problem) return { ok: false, problem, column: node.start };
    }
    edits = editsOf(nodes);
    const run = environment.parse(edited(text, edits));
    const { valid, type, error } = run.check();
    if (!valid) return { ok: false, ...describe(error, edits) };
    return { ok: true, run, type: type ?? "dyn", windows, names: [...namesIn(ast)] };
  } catch (error) {
    return { ok: false, ...describe(error, edits) };
  }
}

/** A replacement in the text; never shorter than the original. */
interface Edit {
  readonly at: number;
  readonly replaces: number;
  readonly text: string;
}

/**
 * Rewrites constructs with other semantics: some functions to our own, and whole numbers to decimals, because there is one number
 * type: 3 / 2 is 1.5, and 7.0 is one of [7, 30].
 */
function editsOf(nodes: readonly ASTNode[]): Edit[] {
  const whole = new Set(nodes.flatMap(wholeNumbers));
  return nodes.flatMap((node) => renaming(node) ?? (whole.has(node) ? [] : decimal(node))).sort((a, b) => a.at - b.at);
}

function renaming(node: ASTNode): Edit[] | undefined {
  if (node.op !== "call" && node.op !== "rcall") return undefined;
  const [name] = node.args;
  const ours = RENAMED.get(name);
  const at = node.op === "call" ? node.start : node.input.indexOf(name, node.args[1].end);
  return ours === undefined || at < 0 ? undefined : [{ at, replaces: name.length, text: ours }];
}

function decimal({ op, args, input, start, end }: ASTNode): Edit[] {
  const isWhole = op === "value" && typeof args === "bigint" && /^\d+$/.test(input.slice(start, end));
  return isWhole ? [{ at: end, replaces: 0, text: ".0" }] : [];
}

/** Numbers that must stay whole: list indexes, map keys, and arguments of CEL's own functions. */
function wholeNumbers(node: ASTNode): ASTNode[] {
  if (node.op === "[]" || node.op === "[?]") return [node.args[1]];
  if (node.op === "map") return node.args.map(([key]) => key);
  if (node.op === "call") return node.args[1];
  return node.op === "rcall" ? node.args[2] : [];
}

const edited = (text: string, edits: readonly Edit[]): string =>
  // From the end, so that insertions do not shift the remaining edits.
  edits.reduceRight((rest, { at, replaces, text: ours }) => rest.slice(0, at) + ours + rest.slice(at + replaces), text);

/** Maps a column of the edited text to the original text. */
const columnIn = (edits: readonly Edit[], column: number): number =>
  edits.reduce((moved, { at, replaces, text }) => (at + replaces < moved ? Math.max(at, moved - (text.length - replaces)) : moved), column);

/** Windows must be literals: they are read before a customer is loaded. */
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

/** Checks a literal pattern. */
function patternProblem(node: ASTNode): string | undefined {
  if (node.op !== "rcall" || node.args[0] !== "matches") return undefined;
  const [pattern] = node.args[2];
  if (pattern?.op !== "value" || typeof pattern.args !== "string") return undefined;
  try {
    RE2JS.compile(pattern.args);
    return undefined;
  } catch (error) {
    return `matches() expects a pattern: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What is known of a condition in a scope; nothing where it reads the experience, or where what is known is about another customer or moment. */
function createKnown(isShared: boolean, readsMoment: boolean): (scope: Scope, condition: Condition) => Known {
  return ({ answers, customer, moment }, condition) => {
    if (!isShared || answers?.customer !== customer || (readsMoment && answers.moment !== moment)) return {};
    return (readsMoment ? answers.ofMoment : answers.ofCustomer).of(condition);
  };
}

/** Whether an expression names one of its variables. */
function readsRoot(ast: ASTNode, root: string): boolean {
  for (const { op, args } of nodesOf(ast)) if (op === "id" && args === root) return true;
  return false;
}

function* nodesOf(node: ASTNode): Generator<ASTNode> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

function describe(error: unknown, edits: readonly Edit[] = []): { problem: string; column: number } {
  if (!(error instanceof Error)) return { problem: String(error), column: 0 };
  const { summary, range } = error as Error & { summary?: string; range?: { start: number } };
  let problem = summary ?? error.message.split("\n")[0] ?? "";
  for (const [name, ours] of RENAMED) problem = problem.replaceAll(`${ours}(`, `${name}(`);
  return { problem: unknownFunction(problem) ?? problem, column: columnIn(edits, range?.start ?? 0) };
}

/** What was missing, or was not a date: the path as written, where the error has it. */
function missingName(error: unknown): string {
  const { node } = error as { node?: ASTNode };
  const [argument] = node?.op === "call" ? node.args[1] : [];
  if (argument && isAboutNoDate(error)) return `${textOf(argument)} is there but is no date`;
  if (node && (node.op === "." || node.op === "[]")) return `${node.input.slice(node.start, node.end)} is missing`;
  return describe(error).problem;
}

function evaluate(run: Run, scope: Scope): { value: unknown } | { missing: string } | { mistyped: string } {
  // A missing value is an answer like others, and collecting the stack of its error would cost more than all the rest.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const { customer, signal, moment = {}, experience = {}, ask = {}, now } = scope;
    return { value: inScope(scope, () => run({ customer, signal, moment, experience, ask, now: new Date(now) })) };
  } catch (error) {
    return isAboutMissing(error) ? { missing: missingName(error) } : { mistyped: describe(error).problem };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function answer(run: Run, scope: Scope): Answer {
  const given = evaluate(run, scope);
  // CEL keeps one error of two operands, depending on their order; the result must not depend on that.
  if ("missing" in given) return decidesByParts(run.ast) ? answerByParts(run.ast, scope) : { outcome: "missing", detail: given.missing };
  if ("mistyped" in given) return { outcome: "mistyped", detail: given.mistyped };
  if (typeof given.value === "boolean") return { outcome: given.value ? "met" : "unmet" };
  return { outcome: "mistyped", detail: `its value is ${typeof given.value}, expected true or false` };
}

const decidesByParts = ({ op }: ASTNode): boolean => op === "||" || op === "&&" || op === "!_" || op === "?:";

/** Evaluates operand by operand: a type mismatch takes precedence over a missing value, whatever the order. */
function answerByParts(node: ASTNode, scope: Scope): Answer {
  switch (node.op) {
    case "!_":
      return negated(answerByParts(node.args, scope));
    case "?:": {
      const [asked, yes, no] = node.args;
      const given = answerByParts(asked, scope);
      return given.outcome === "met" || given.outcome === "unmet" ? answerByParts(given.outcome === "met" ? yes : no, scope) : given;
    }
    case "||":
    case "&&":
      return combined(
        node.args.map((part) => answerByParts(part, scope)),
        node.op === "||",
      );
    default:
      return answerOfPart(node, scope);
  }
}

function combined(answers: readonly Answer[], isEither: boolean): Answer {
  const order: readonly Answer["outcome"][] = [isEither ? "met" : "unmet", "mistyped", "missing"];
  for (const outcome of order) {
    const found = answers.find((one) => one.outcome === outcome);
    if (found) return found;
  }
  return { outcome: isEither ? "unmet" : "met" };
}

const negated = (given: Answer): Answer =>
  given.outcome === "met" ? { outcome: "unmet" } : given.outcome === "unmet" ? { outcome: "met" } : given;

const faultsOf = (ast: ASTNode, scope: Scope): Fault[] =>
  partsOf(faultyIn(ast, (part) => answerOfPart(part, scope))).map(({ node }) => ({ reads: customerPaths(node) }));

function needsOf(ast: ASTNode, scope: Scope, wanted: boolean): Need[] | undefined {
  const faulty = faultyIn(ast, (part) => answerOfPart(part, scope), wanted);
  const read = (node: ASTNode): unknown => {
    const names = namesOf(node);
    // An evaluation of a missing field would throw, which takes longer than all else here.
    return names ? readPath(scope, names) : valueOfPart(node, scope);
  };
  return needsIn(faulty, read, scope);
}

const parts = new WeakMap<ASTNode, Run>();

function runOfPart(node: ASTNode): Run {
  const run = parts.get(node) ?? environment.parse(textOf(node));
  parts.set(node, run);
  return run;
}

const answerOfPart = (node: ASTNode, scope: Scope): Answer => answer(runOfPart(node), scope);

function valueOfPart(node: ASTNode, scope: Scope): unknown {
  const given = evaluate(runOfPart(node), scope);
  return "value" in given ? given.value : undefined;
}

/** Source text of a node. The outermost parentheses at its start or end are not part of the node. */
function textOf({ input, start, end }: ASTNode): string {
  const signs = input.slice(start, end).replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "");
  let open = 0;
  let unopened = 0;
  for (const sign of signs) {
    if (sign === "(") open++;
    if (sign === ")" && --open < 0) {
      unopened++;
      open = 0;
    }
  }
  return "(".repeat(unopened) + input.slice(start, end) + ")".repeat(open);
}
