import { Context, type Liquid, LiquidError, type Template, toValue, toValueSync, Value } from "liquidjs";
import { isMissing, isNoDate } from "../../domain/deciding/facts.ts";
import type { Content, ContentScope, FactRead } from "../../domain/entities/policy.ts";
import { isObject, type Json, unstorable } from "../../domain/values/json.ts";
import { placeAt, readAsText, splitPath, stepAsText } from "../../domain/values/path.ts";
import { iso } from "../../domain/values/time.ts";
import { createEngine } from "./liquid-engine.ts";
import { isSayable } from "./liquid-printing.ts";
import { inPlace } from "./place.ts";
import { type PlainPart, plainField, plainParts, plainText, plainValue } from "./plain-text.ts";
import { builtInsOf, type Compared, datesOf, factsOf, needsOf, type Read, ROOTS, readsOf, variablesOf, type Walked } from "./reads.ts";
import { plainly, valuesIn, whyNever } from "./tries.ts";

/** A text field: its template, its path for messages, and whether its values are escaped for HTML. */
export interface Draft {
  readonly path: string;
  readonly source: Json;
  /** File in `templates/` that the source comes from. */
  readonly template?: string;
  readonly isHtml: boolean;
  /** The rendered text stays on one line, for a header or a title. */
  readonly isLine?: boolean;
  /** No-break spaces become plain ones, for alphabets without them: one of them would double the price of a text message. */
  readonly hasPlainSpaces?: boolean;
  /** A template of a single output keeps the type of its value, for inputs of actions and for payloads. */
  readonly isTyped?: boolean;
}

export interface ContentProblem {
  readonly path: string;
  readonly problem: string;
}

/** A read with its place: a field of the content, or a line of a file in `templates/`. */
export interface PlacedRead extends Pick<Read, "names"> {
  readonly path: string;
  readonly template?: string;
  readonly row: number;
}

/** A read, and a text that it is compared with. */
export interface PlacedComparison extends PlacedRead {
  readonly word: string;
}

export type CompiledContent = { readonly reads: readonly PlacedRead[]; readonly compared: readonly PlacedComparison[] } & (
  | { readonly ok: true; readonly content: Content }
  | { readonly ok: false; readonly problems: readonly ContentProblem[] }
);

export interface ContentCompiler {
  /**
   * Compiles the fields of one channel's content, or the input of an action.
   *
   * @param language tag of the language in which dates, numbers and money are printed; default: English
   */
  compile(drafts: readonly Draft[], language?: string): CompiledContent;
}

/** Creates a compiler with the workspace's shared templates (file name → text). It never reads a file. */
export function createContentCompiler(templates: Readonly<Record<string, string>>): ContentCompiler {
  const plain = createEngine(templates, false);
  const html = createEngine(templates, true);
  const fileOf = (partial: string): string =>
    [partial, `${partial}.liquid`, `${partial}.mjml.liquid`].find((name) => Object.hasOwn(templates, name)) ?? partial;
  return { compile: (drafts, language) => compileDrafts(drafts, { plain, html, fileOf }, language) };
}

// --- internal ---

const ONE_OUTPUT = /^\s*\{\{-?((?:(?!\}\}|\{\{|\{%)[\s\S])*?)-?\}\}\s*$/;

type Node =
  | ({
      readonly kind: "text";
      readonly path: string;
      readonly templates: Template[];
      readonly engine: Liquid;
      readonly isHtml: boolean;
      /** Where it can mostly be printed without the engine. */
      readonly plain: readonly PlainPart[] | undefined;
    } & Shape)
  | {
      readonly kind: "value";
      readonly path: string;
      readonly value: Value;
      readonly engine: Liquid;
      /** Where it can mostly be read without the engine. */
      readonly plain: readonly string[] | undefined;
    }
  | { readonly kind: "plain"; readonly json: Json }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "object"; readonly fields: readonly (readonly [string, Node])[] };

/** What becomes of a rendered text. */
interface Shape {
  readonly isLine: boolean;
  readonly hasPlainSpaces: boolean;
}

interface Engines {
  readonly plain: Liquid;
  readonly html: Liquid;
  /** File in `templates/` of a name in a `render` tag. */
  fileOf(partial: string): string;
}

function compileDrafts(drafts: readonly Draft[], { plain, html, fileOf }: Engines, language?: string): CompiledContent {
  const problems: ContentProblem[] = [];
  const reads: Read[] = [];
  const placed: PlacedRead[] = [];
  const compared: PlacedComparison[] = [];
  const fields: [string, Node][] = [];
  for (const { path, source, template, isHtml, isLine = false, hasPlainSpaces = false, isTyped = false } of drafts) {
    const engine = isHtml ? html : plain;
    const onWalked = (walked: Walked, place: string): void => {
      const placeOf = ({ names, row, file }: Compared | Read): PlacedRead =>
        placedRead(names, place, row, file === undefined ? template : fileOf(file));
      reads.push(...walked.reads);
      placed.push(...walked.reads.map(placeOf));
      compared.push(...walked.compared.map((one) => ({ ...placeOf(one), word: one.word })));
    };
    fields.push([
      path.split(".").at(-1) ?? path,
      parseNode(source, path, { engine, isHtml, isLine, hasPlainSpaces, isTyped, problems, onWalked }),
    ]);
  }
  if (problems.length > 0) return { ok: false, problems, reads: placed, compared };
  return { ok: true, content: contentOf(fields, reads, language), reads: placed, compared };
}

const placedRead = (names: Read["names"], path: string, row: number, template: string | undefined): PlacedRead => ({
  names,
  path,
  row,
  ...(template === undefined ? {} : { template }),
});

interface Parsing extends Shape {
  readonly engine: Liquid;
  readonly isHtml: boolean;
  readonly isTyped: boolean;
  readonly problems: ContentProblem[];
  onWalked(walked: Walked, path: string): void;
}

function parseNode(source: Json, path: string, parsing: Parsing): Node {
  if (Array.isArray(source)) return { kind: "list", items: source.map((item, index) => parseNode(item, `${path}.${index}`, parsing)) };
  if (isObject(source))
    return {
      kind: "object",
      fields: Object.entries(source).map(([key, value]) => [key, parseNode(value as Json, `${path}.${key}`, parsing)] as const),
    };
  if (typeof source !== "string" || !/\{[{%]/.test(source)) return { kind: "plain", json: source };
  try {
    return parseText(source, path, parsing);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    parsing.problems.push({ path, problem: whyNotParsed(error) });
    return { kind: "plain", json: source };
  }
}

function parseText(source: string, path: string, parsing: Parsing): Node {
  const { engine, problems, onWalked, isHtml, isLine, hasPlainSpaces, isTyped } = parsing;
  const templates = engine.parse(source);
  const walked = readsOf(templates, engine);
  problems.push(...walked.problems.map((problem) => ({ path, problem })));
  onWalked(walked, path);
  const output = isTyped ? ONE_OUTPUT.exec(source)?.[1] : undefined;
  const value = output === undefined ? undefined : new Value(output, engine);
  if (walked.problems.length === 0) {
    for (const tried of value ? [{ value, text: source.trim() }] : valuesIn(templates)) {
      const never = whyNever({ ...tried, reads: variablesOf([tried.value], engine) }, engine);
      if (never !== undefined) problems.push({ path, problem: never });
    }
  }
  if (value) return { kind: "value", path, value, engine, plain: plainField(value) };
  return { kind: "text", path, templates, engine, isHtml, plain: plainParts(templates), isLine, hasPlainSpaces };
}

function whyNotParsed(error: Error): string {
  const lookup = /ENOENT: Failed to lookup "(.*?)" in/.exec(error.message);
  if (lookup) return `no shared template ${lookup[1]} in templates/`;
  if (error instanceof RangeError) return "its templates render each other in a cycle";
  return LiquidError.is(error) ? (error.message.split("\n")[0] ?? "") : error.message;
}

function contentOf(fields: readonly [string, Node][], reads: readonly Read[], language: string | undefined): Content {
  const facts = factsOf(reads);
  const dates = datesOf(reads);
  return {
    facts,
    needs: needsOf(reads),
    dates,
    roots: new Set(reads.map(({ names }) => String(names[0])).filter((root) => ROOTS.includes(root))),
    builtIns: builtInsOf(reads),
    render: (scope) =>
      inPlace({ zone: scope.zone, language }, () => {
        const filled = {
          ...withoutWrongDates(scope, dates),
          customer: withNothing(scope.customer, facts),
          ...(scope.isActionRecorded ? { action: nothingFor(reads) } : {}),
        };
        const rendered = Object.fromEntries(fields.map(([name, node]) => [name, renderNode(node, filled)]));
        const problem = unstorable(rendered, "");
        if (problem !== undefined) throw new Error(`${problem}, which cannot be kept`);
        return rendered;
      }),
  };
}

/** An optional value printed as a date becomes null where it is not a date, as if it were missing. */
function withoutWrongDates(scope: ContentScope, dates: Content["dates"]): ContentScope {
  const wrong = dates.filter(({ path, optional }) => optional && isNoDate(readAsText(scope, path)));
  if (wrong.length === 0) return scope;
  const { signal, moment, experience, ask, action } = scope;
  const given = { signal, moment, experience, ...(ask ? { ask } : {}), ...(action ? { action } : {}) };
  const filled = structuredClone(given) as Record<string, unknown>;
  for (const { path } of wrong) blank(filled, path.map(String));
  return { ...scope, ...filled };
}

/** Strict reading throws on missing values; optional ones are set to null instead. */
function withNothing(customer: Readonly<Record<string, unknown>>, facts: readonly FactRead[]): Record<string, unknown> {
  const absent = facts.filter((fact) => isMissing(fact, readAsText(customer, splitPath(fact.path))));
  if (absent.length === 0) return customer as Record<string, unknown>;
  const filled = structuredClone(customer) as Record<string, unknown>;
  for (const { path } of absent) blank(filled, splitPath(path));
  return filled;
}

/** Sets the first missing step of a path to null; a list, which cannot hold the step, becomes null as a whole. */
function blank(root: Record<string, unknown>, names: readonly string[]): void {
  let owner: unknown = root;
  for (const [index, name] of names.entries()) {
    const inner = stepAsText(owner, name);
    if (inner === null) return;
    if (inner === undefined || index === names.length - 1) {
      if (isObject(owner)) owner[name] = null;
      else if (Array.isArray(owner)) placeAt(root, names.slice(0, index), null);
      return;
    }
    owner = inner;
  }
}

/** A recorded action has no output: every field read of it becomes null. */
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
      return (node.plain && plainValue(node.plain, scope)) ?? placed(node.path, () => typedValue(node.engine, node.value, scope));
    case "text": {
      const text = (node.plain && plainText(node.plain, scope, node.isHtml)) ?? printedByEngine(node, scope);
      const spaced = node.hasPlainSpaces ? text.replaceAll("\u00a0", " ") : text;
      return node.isLine ? oneLine(spaced) : spaced;
    }
  }
}

const printedByEngine = ({ path, engine, templates }: Extract<Node, { kind: "text" }>, scope: ContentScope): string =>
  placed(path, () => String(engine.renderSync(templates, {}, { globals: scope })));

/** Adds the field of the content to an error, and the output where the library knows it. */
function placed<T>(path: string, render: () => T): T {
  try {
    return render();
  } catch (error) {
    const { name, token } = error as { readonly name?: string; readonly token?: { getText(): string } };
    const output = name === "RenderError" && token ? `${token.getText()}: ` : "";
    throw new Error(`${path}: ${output}${plainly(error)}`, { cause: error });
  }
}

function typedValue(engine: Liquid, value: Value, scope: ContentScope): Json {
  const context = new Context({}, engine.options, { globals: scope, sync: true }, { liquid: engine });
  const given: unknown = toValue(toValueSync(value.value(context)));
  if (!isSayable(given)) throw new Error("what is calculated is not a number");
  return (given instanceof Date ? iso(given.getTime()) : (given ?? null)) as Json;
}

/** Collapses line breaks: in a header or a title they would start another one. */
const oneLine = (text: string): string => text.replace(/[\s\u0085\u2028\u2029]+/g, " ").trim();
