import { type Arguments, type Liquid, type Template, TypeGuards, toValueSync, Value } from "liquidjs";
import { BUILT_IN_FIELDS } from "../../domain/entities/built-ins.ts";
import type { Content, FactRead } from "../../domain/entities/policy.ts";
import { joinPath } from "../../domain/values/path.ts";
import { DATE_FILTERS } from "./liquid-engine.ts";

/** Variables available to texts. */
export const ROOTS = ["customer", "moment", "signal", "action", "experience", "ask"];

/** A variable read by a text. */
export interface Read {
  /** Field names from the root; a nested list is a computed step. */
  readonly names: readonly (string | number)[];
  readonly optional: boolean;
  /** Paths tested by enclosing `if`s, from the root. */
  readonly guards: readonly string[];
  /** Printed as a date: a value that is not a date counts as missing. */
  readonly isDate: boolean;
  /** Line within the text, from 1, or within the shared template `file`. */
  readonly row: number;
  readonly file?: string;
}

type Argument = Arguments extends Iterable<infer One> ? One : never;

/** A variable that a tag compares with a text. */
export interface Compared extends Pick<Read, "names" | "row" | "file"> {
  readonly word: string;
}

export interface Walked {
  readonly reads: Read[];
  readonly compared: Compared[];
  readonly problems: string[];
}

/** Finds all reads of a text and whether they are optional: the reads are the facts it states. */
export function readsOf(templates: Template[], engine: Liquid): Walked {
  const { globals, locals } = engine.analyzeSync(templates);
  const unknown = Object.keys(globals).filter((root) => !ROOTS.includes(root));
  const shadowing = Object.keys(locals).filter((name) => ROOTS.includes(name));
  const walked: Walked = {
    reads: [],
    compared: [],
    problems: [
      ...unknown.map((root) => `unknown variable ${root}; a text reads ${ROOTS.join(", ")}`),
      ...shadowing.map((name) => `${name} is given and cannot be assigned`),
    ],
  };
  walk(templates, [], walked, engine);
  return walked;
}

/** Customer fields stated by a text. */
export function factsOf(reads: readonly Read[]): FactRead[] {
  const facts = new Map<string, FactRead>();
  for (const read of reads.filter((one) => one.names[0] === "customer" && one.names.length > 1 && !isBuiltIn(one))) {
    const path = factPath(keyOf(read.names));
    const { optional, guards, isDate } = read;
    const above = guards.filter((guard) => keyOf(read.names).startsWith(`${guard}.`)).map(factPath);
    facts.set(path, stricter(facts.get(path), { path, optional, unless: optional ? [] : above, isDate }));
  }
  return [...facts.values()];
}

/** Required reads of the moment, the signal, the experience and the ask. */
export function needsOf(reads: readonly Read[]): Read["names"][] {
  return reads
    .filter(
      ({ names, optional, guards }) =>
        ["moment", "signal", "experience", "ask"].includes(String(names[0])) && !optional && guards.length === 0,
    )
    .map(({ names }) => names.slice(0, stepsKnown(names)));
}

/** Reads of the moment, the signal, the experience, the ask and an action that are printed as dates. */
export const datesOf = (reads: readonly Read[]): Content["dates"] =>
  reads
    .filter(({ names, isDate }) => isDate && names[0] !== "customer" && stepsKnown(names) === names.length)
    .map(({ names, optional, guards }) => ({ path: names, optional: optional || guards.length > 0 }));

/** Built-in customer fields read by a text. */
export const builtInsOf = (reads: readonly Read[]): Set<string> => new Set(reads.filter(isBuiltIn).map(({ names }) => String(names[1])));

// --- internal ---

function walk(templates: readonly Template[], guards: readonly string[], walked: Walked, engine: Liquid): void {
  for (const template of templates) walkOne(template as NamedTemplate, guards, walked, engine);
}

/** A tag of the library: its name and the included file exist but are missing from the typings. */
type NamedTemplate = Template & { readonly name?: string; readonly file?: unknown };

const TESTS = ["if", "unless", "case"];

function walkOne(template: NamedTemplate, guards: readonly string[], walked: Walked, engine: Liquid): void {
  const isTest = TESTS.includes(template.name ?? "");
  const read = [...(template.arguments?.() ?? [])].flatMap((argument) => readArgument(argument, isTest, guards, engine));
  walked.reads.push(...read);
  if (isTest) walked.compared.push(...comparedIn(template, engine));
  walked.problems.push(...read.flatMap(unnameable), ...misnamed(template));
  const children: Template[] = template.children ? toValueSync(template.children(true, true)) : [];
  const tested = isTest ? read.map(({ names }) => keyOf(names)) : [];
  walk(children, [...guards, ...tested], walked, engine);
}

/** `if a == "x"` and `unless a != "x"` compare within an argument, `case a` with each of its `when "x"`. */
function comparedIn(template: NamedTemplate, engine: Liquid): Compared[] {
  const values = [...(template.arguments?.() ?? [])];
  if (template.name === "case") return comparisons(values[0], values.slice(1), engine);
  return values.flatMap((value) => {
    const tokens = value instanceof Value ? (value.initial.postfix as Argument[]) : [];
    return tokens.flatMap((token, index) => {
      const [left, right] = tokens.slice(Math.max(0, index - 2), index);
      if (!isEquality(token) || left === undefined || right === undefined) return [];
      return [...comparisons(left, [right], engine), ...comparisons(right, [left], engine)];
    });
  });
}

const isEquality = (token: unknown): boolean => TypeGuards.isOperatorToken(token) && ["==", "!="].includes(token.operator);

/** One variable against texts; undefined names where it is no single variable. */
function comparisons(one: Argument | undefined, others: readonly Argument[], engine: Liquid): Compared[] {
  const [found, ...more] = one === undefined ? [] : foundIn([one], engine);
  if (!found || more.length > 0) return [];
  const { row, file } = found.location;
  return others.flatMap((other) =>
    TypeGuards.isQuotedToken(other)
      ? [{ names: found.toArray() as (string | number)[], word: other.content, row, ...(file === undefined ? {} : { file }) }]
      : [],
  );
}

function misnamed(template: NamedTemplate): string[] {
  const { name = "", file } = template;
  const isComputed = ["render", "include", "layout"].includes(name) && typeof file !== "string";
  const shadowing = [...(template.blockScope?.() ?? [])].filter((variable) => ROOTS.includes(variable));
  const readsTheClock = [...(template.arguments?.() ?? [])].some(isClock);
  return [
    ...(readsTheClock ? ["the current time is not a fact: use a field of the record"] : []),
    ...(isComputed ? [`{% ${name} %} needs a template name that is written out, in quotes`] : []),
    ...shadowing.map((variable) => `${variable} is given and cannot be a loop's variable`),
  ];
}

/** `"now" | date` prints the render time, which differs on every repetition. */
function isClock(argument: Argument): boolean {
  if (!(argument instanceof Value) || !argument.filters.some(({ name }) => DATE_FILTERS.includes(name))) return false;
  const [first] = argument.initial.postfix as { readonly content?: unknown }[];
  return first?.content === "now" || first?.content === "today";
}

function readArgument(argument: Argument, isTest: boolean, guards: readonly string[], engine: Liquid): Read[] {
  const filters = argument instanceof Value ? argument.filters.map(({ name }) => name) : [];
  const fed = argument instanceof Value ? variablesOf(argument.initial.postfix as Argument[], engine).map(keyOf) : [];
  // The input of `default` may be missing; its argument may not.
  const excused = filters.includes("default") ? [...fed, ...guards] : guards;
  // Other filters may turn a value into a date first.
  const isDated = DATE_FILTERS.includes(filters.find((name) => name !== "default") ?? "");
  return foundIn([argument], engine).map((found) => {
    const names = found.toArray() as (string | number)[];
    const key = keyOf(names);
    const { row, file } = found.location;
    const place = { row, ...(file === undefined ? {} : { file }) };
    return { names, guards, optional: isTest || excused.includes(key), isDate: isDated && fed.includes(key), ...place };
  });
}

/** The library's own static analysis, applied to single arguments. Nested lists are computed steps. */
export const variablesOf = (args: Argument[], engine: Liquid): (string | number)[][] =>
  foundIn(args, engine).map((variable) => variable.toArray() as (string | number)[]);

function foundIn(args: Argument[], engine: Liquid) {
  const probe = { token: undefined, render: () => undefined, arguments: () => args } as unknown as Template;
  return Object.values(engine.analyzeSync([probe], { partials: false }).variables).flat();
}

function unnameable({ names }: Read): string[] {
  if (names[0] !== "customer") return [];
  if (names.length === 1) return ["customer as a whole cannot be read: name the fields, so that each is a fact that can be checked"];
  return names.some((name) => typeof name === "object") ? ["a field of customer cannot be computed: write its name out"] : [];
}

const keyOf = (names: readonly (string | number)[]): string => joinPath(names.map(String));

/** `customer.lease.endsOn` as a path of the record. */
const factPath = (key: string): string => key.slice("customer.".length);

/** Number of literal steps at the start of a read. */
function stepsKnown(names: readonly unknown[]): number {
  const computed = names.findIndex((name) => typeof name === "object");
  return computed < 0 ? names.length : computed;
}

const isBuiltIn = ({ names }: Read): boolean => names[0] === "customer" && Object.hasOwn(BUILT_IN_FIELDS, String(names[1]));

/** Required anywhere is required; optional only where every required read of it is guarded. */
function stricter(known: FactRead | undefined, fact: FactRead): FactRead {
  if (!known) return fact;
  const isDate = known.isDate || fact.isDate;
  if (known.optional || fact.optional) return { ...(known.optional ? fact : known), isDate };
  return { ...fact, isDate, unless: known.unless.filter((guard) => fact.unless.includes(guard)) };
}
