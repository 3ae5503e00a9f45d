import { type Arguments, filters as builtIns, Context, Liquid, LiquidError, type Template, toValueSync, Value } from "liquidjs";
import { isObject, type Json } from "../domain/json.ts";
import type { Content, ContentScope, FactRead } from "../domain/policy.ts";
import { joinPath, placeAt, readAsText, readPath, splitPath } from "../domain/record.ts";
import { parseTime } from "../domain/time.ts";
import { BUILT_IN_FIELDS } from "../domain/view.ts";

type Argument = Arguments extends Iterable<infer One> ? One : never;

/** What texts may read. */
const ROOTS = ["customer", "moment", "signal", "action", "experience"];

/** A field of text: its template, where it stands for messages, and whether values in it are escaped for HTML. */
export interface Draft {
  readonly path: string;
  readonly source: Json;
  readonly isHtml: boolean;
  /** The rendered text stays on one line: it becomes a header or a title. */
  readonly isLine?: boolean;
  /** A text that is one output and nothing else keeps the type of its value: for the inputs of actions. */
  readonly isTyped?: boolean;
}

export interface ContentProblem {
  readonly path: string;
  readonly problem: string;
}

export type CompiledContent =
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly problems: readonly ContentProblem[] };

export interface ContentCompiler {
  /** Compiles the fields of one channel's content, or the input of an action. */
  compile(drafts: readonly Draft[]): CompiledContent;
}

/** A compiler that knows the workspace's shared templates (file name → text). It never reads a file. */
export function createContentCompiler(templates: Readonly<Record<string, string>>): ContentCompiler {
  const plain = createEngine(templates, false);
  const html = createEngine(templates, true);
  return { compile: (drafts) => compileDrafts(drafts, plain, html) };
}

// --- internal ---

/** Set around each render: filters get no scope, and rendering is synchronous. */
let currentZone = "UTC";

function createEngine(templates: Readonly<Record<string, string>>, isHtml: boolean): Liquid {
  const named = Object.entries(templates).flatMap(([name, text]) => [
    [name, text],
    [name.replace(/(\.mjml)?\.liquid$/, ""), text],
  ]);
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    renderLimit: 1_000,
    memoryLimit: 1e6,
    parseLimit: 1e5,
    templates: Object.fromEntries(named),
    ...(isHtml ? { outputEscape: "escape" as const } : {}),
  });
  // `raw` prints without escaping, whatever the output escape says.
  delete engine.filters.raw;
  engine.registerFilter("date", function (value: unknown, format?: string, zone?: string | number) {
    return printDate.apply(this, datedIn(value, format, zone));
  });
  return engine;
}

const printDate = builtIns.date as (this: unknown, value: string, format: string | undefined, zone: string | number) => unknown;

/** A date without a time of day prints as that date everywhere; an instant prints in the customer's zone. */
function datedIn(value: unknown, format?: string, zone?: string | number): [string, string | undefined, string | number] {
  const text = String(value);
  if (text === "now" || text === "today") throw new Error("the current time is not a fact: use a field of the record");
  const parsed = parseTime(text);
  if (!parsed) throw new Error(`${JSON.stringify(text.slice(0, 40))} is not a date`);
  if (parsed.kind === "date") return [`${text}T00:00:00Z`, format, "UTC"];
  if (parsed.kind === "local") return [new Date(parsed.utc).toISOString(), format, "UTC"];
  return [new Date(parsed.at).toISOString(), format, zone ?? currentZone];
}

const ONE_OUTPUT = /^\s*\{\{-?((?:(?!\}\}|\{\{|\{%)[\s\S])*?)-?\}\}\s*$/;

type Node =
  | { readonly kind: "text"; readonly templates: Template[]; readonly engine: Liquid; readonly isLine: boolean }
  | { readonly kind: "value"; readonly value: Value; readonly engine: Liquid }
  | { readonly kind: "plain"; readonly json: Json }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "object"; readonly fields: readonly (readonly [string, Node])[] };

function compileDrafts(drafts: readonly Draft[], plain: Liquid, html: Liquid): CompiledContent {
  const problems: ContentProblem[] = [];
  const reads: Read[] = [];
  const fields: [string, Node][] = [];
  for (const { path, source, isHtml, isLine = false, isTyped = false } of drafts) {
    const engine = isHtml ? html : plain;
    fields.push([path.split(".").at(-1) ?? path, parseNode(source, path, { engine, isLine, isTyped, problems, reads })]);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, content: contentOf(fields, reads) };
}

interface Parsing {
  readonly engine: Liquid;
  readonly isLine: boolean;
  readonly isTyped: boolean;
  readonly problems: ContentProblem[];
  readonly reads: Read[];
}

function parseNode(source: Json, path: string, parsing: Parsing): Node {
  if (Array.isArray(source)) return { kind: "list", items: source.map((item, index) => parseNode(item, `${path}.${index}`, parsing)) };
  if (isObject(source))
    return {
      kind: "object",
      fields: Object.entries(source).map(([key, value]) => [key, parseNode(value as Json, `${path}.${key}`, parsing)] as const),
    };
  if (typeof source !== "string" || !/\{[{%]/.test(source)) return { kind: "plain", json: source };
  const { engine, problems, reads, isLine } = parsing;
  try {
    const templates = engine.parse(source);
    const walked = readsOf(templates, engine);
    problems.push(...walked.problems.map((problem) => ({ path, problem })));
    reads.push(...walked.reads);
    const output = parsing.isTyped ? ONE_OUTPUT.exec(source)?.[1] : undefined;
    if (output !== undefined) return { kind: "value", value: new Value(output, engine), engine };
    return { kind: "text", templates, engine, isLine };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    problems.push({ path, problem: plainly(error) });
    return { kind: "plain", json: source };
  }
}

function plainly(error: Error): string {
  const lookup = /ENOENT: Failed to lookup "(.*?)" in/.exec(error.message);
  if (lookup) return `no shared template ${lookup[1]} in templates/`;
  if (error instanceof RangeError) return "its templates render each other in a circle";
  return LiquidError.is(error) ? (error.message.split("\n")[0] ?? "") : error.message;
}

/** One variable that a text reads: field names from its root. */
interface Read {
  readonly names: readonly (string | number)[];
  readonly optional: boolean;
  readonly guards: readonly string[];
}

interface Walked {
  readonly reads: Read[];
  readonly problems: string[];
}

/** Finds everything a text reads, and whether it can do without: the reads are the facts it states. */
function readsOf(templates: Template[], engine: Liquid): Walked {
  const { globals, locals } = engine.analyzeSync(templates);
  const unknown = Object.keys(globals).filter((root) => !ROOTS.includes(root));
  const shadowing = Object.keys(locals).filter((name) => ROOTS.includes(name));
  const walked: Walked = {
    reads: [],
    problems: [
      ...unknown.map((root) => `unknown variable ${root}; a text reads ${ROOTS.join(", ")}`),
      ...shadowing.map((name) => `${name} is given and cannot be assigned`),
    ],
  };
  walk(templates, [], walked, engine);
  return walked;
}

function walk(templates: readonly Template[], guards: readonly string[], walked: Walked, engine: Liquid): void {
  for (const template of templates) walkOne(template as NamedTemplate, guards, walked, engine);
}

/** A tag as the library makes it: its name and the file it brings in are there, and not in the typings. */
type NamedTemplate = Template & { readonly name?: string; readonly file?: unknown };

const TESTS = ["if", "unless", "case"];

function walkOne(template: NamedTemplate, guards: readonly string[], walked: Walked, engine: Liquid): void {
  const isTest = TESTS.includes(template.name ?? "");
  const read = [...(template.arguments?.() ?? [])].flatMap((argument) => readArgument(argument, isTest, guards, engine));
  walked.reads.push(...read);
  walked.problems.push(...read.flatMap(unnameable), ...misnamed(template));
  const children: Template[] = template.children ? toValueSync(template.children(true, true)) : [];
  const tested = isTest ? read.filter(({ names }) => names[0] === "customer").map(({ names }) => pathOf(names)) : [];
  walk(children, [...guards, ...tested], walked, engine);
}

function misnamed(template: NamedTemplate): string[] {
  const { name = "", file } = template;
  const isComputed = ["render", "include", "layout"].includes(name) && typeof file !== "string";
  const shadowing = [...(template.blockScope?.() ?? [])].filter((variable) => ROOTS.includes(variable));
  return [
    ...(isComputed ? [`{% ${name} %} needs a template name that is written out, in quotes`] : []),
    ...shadowing.map((variable) => `${variable} is given and cannot be a loop's variable`),
  ];
}

function readArgument(argument: Argument, isTest: boolean, guards: readonly string[], engine: Liquid): Read[] {
  if (argument instanceof Value && argument.filters.some(({ name }) => name === "default")) {
    // What feeds `default` may be missing; what `default` falls back to may not.
    const fed = argument.initial.postfix as Argument[];
    const all = variablesOf([argument], engine);
    const optional = variablesOf(fed, engine).map((names) => pathOf(names));
    return all.map((names) => ({ names, guards, optional: isTest || optional.includes(pathOf(names)) || guards.includes(pathOf(names)) }));
  }
  return variablesOf([argument], engine).map((names) => ({ names, guards, optional: isTest || guards.includes(pathOf(names)) }));
}

/** The library's own analysis, asked about single arguments. Nested lists stand for computed steps. */
function variablesOf(args: Argument[], engine: Liquid): (string | number)[][] {
  const probe = { token: undefined, render: () => undefined, arguments: () => args } as unknown as Template;
  const { variables } = engine.analyzeSync([probe], { partials: false });
  return Object.values(variables).flatMap((found) => found.map((variable) => variable.toArray() as (string | number)[]));
}

function unnameable({ names }: Read): string[] {
  if (names[0] !== "customer") return [];
  if (names.length === 1) return ["customer as a whole cannot be read: name the fields, so that each is a fact that can be checked"];
  return names.some((name) => typeof name === "object") ? ["a field of customer cannot be computed: write its name out"] : [];
}

const pathOf = (names: readonly (string | number)[]): string => joinPath(names.slice(1).map(String));

function contentOf(fields: readonly [string, Node][], reads: readonly Read[]): Content {
  const facts = factsOf(reads);
  const needed = reads.filter(
    ({ names, optional, guards }) => ["moment", "signal", "experience"].includes(String(names[0])) && !optional && guards.length === 0,
  );
  const builtIns = new Set<string>(reads.filter(isBuiltIn).map(({ names }) => String(names[1])));
  return {
    facts,
    needs: needed.map(({ names }) => names),
    roots: new Set(reads.map(({ names }) => String(names[0])).filter((root) => ROOTS.includes(root))),
    builtIns,
    render(scope) {
      const outer = currentZone;
      currentZone = scope.zone;
      try {
        const filled = {
          ...scope,
          customer: withNothing(scope.customer, facts),
          ...(scope.isActionRecorded ? { action: nothingFor(reads) } : {}),
        };
        return Object.fromEntries(fields.map(([name, node]) => [name, renderNode(node, filled)]));
      } finally {
        currentZone = outer;
      }
    },
  };
}

const isBuiltIn = ({ names }: Read): boolean =>
  names[0] === "customer" && (BUILT_IN_FIELDS as readonly string[]).includes(String(names[1]));

function factsOf(reads: readonly Read[]): FactRead[] {
  const facts = new Map<string, FactRead>();
  for (const read of reads.filter((one) => one.names[0] === "customer" && one.names.length > 1 && !isBuiltIn(one))) {
    const path = pathOf(read.names);
    const { optional, guards } = read;
    const fact = { path, optional, unless: optional ? [] : guards.filter((guard) => path.startsWith(`${guard}.`)) };
    facts.set(path, stricter(facts.get(path), fact));
  }
  return [...facts.values()];
}

/** Required anywhere is required; excused only where every required read of it is. */
function stricter(known: FactRead | undefined, fact: FactRead): FactRead {
  if (!known || known.optional) return fact;
  if (fact.optional) return known;
  return { ...fact, unless: known.unless.filter((guard) => fact.unless.includes(guard)) };
}

/** Strict reading throws on what is missing; what may be missing is there as nothing instead. */
function withNothing(customer: Readonly<Record<string, unknown>>, facts: readonly FactRead[]): Record<string, unknown> {
  const absent = facts.map(({ path }) => splitPath(path)).filter((names) => readAsText(customer, names) === undefined);
  if (absent.length === 0) return customer as Record<string, unknown>;
  const filled = structuredClone(customer) as Record<string, unknown>;
  absent.sort((a, b) => a.length - b.length);
  // The shallowest first: below what is nothing, nothing is read.
  for (const names of absent) if (!names.some((_, end) => readPath(filled, names.slice(0, end)) === null)) placeAt(filled, names, null);
  return filled;
}

/** An action that was only recorded gave nothing back; every field that is read of it is there as nothing. */
function nothingFor(reads: readonly Read[]): Record<string, unknown> {
  const action: Record<string, unknown> = {};
  for (const { names } of reads) if (names[0] === "action" && names.length > 1) placeAt(action, names.slice(1).map(String), null);
  return action;
}

function renderNode(node: Node, scope: ContentScope): Json {
  switch (node.kind) {
    case "plain":
      return node.json;
    case "list":
      return node.items.map((item) => renderNode(item, scope));
    case "object":
      return Object.fromEntries(node.fields.map(([key, inner]) => [key, renderNode(inner, scope)]));
    case "value":
      return typedValue(node.engine, node.value, scope);
    case "text": {
      const text = String(node.engine.renderSync(node.templates, {}, { globals: scope }));
      return node.isLine ? oneLine(text) : text;
    }
  }
}

function typedValue(engine: Liquid, value: Value, scope: ContentScope): Json {
  const context = new Context({}, engine.options, { globals: scope, sync: true }, { liquid: engine });
  return (toValueSync(value.value(context)) ?? null) as Json;
}

/** Line breaks in a header or a title would start something else. */
const oneLine = (text: string): string => text.replace(/[\s\u0085\u2028\u2029]+/g, " ").trim();
