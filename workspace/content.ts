import { Context, type Liquid, LiquidError, type Template, toValueSync, Value } from "liquidjs";
import { isMissing } from "../domain/facts.ts";
import { isObject, type Json } from "../domain/json.ts";
import { placeAt, readAsText, splitPath, stepAsText } from "../domain/path.ts";
import type { Content, ContentScope, FactRead } from "../domain/policy.ts";
import { builtInsOf, factsOf, needsOf, type Read, ROOTS, readsOf } from "./content-reads.ts";
import { createEngine, inZone } from "./liquid-engine.ts";

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

function contentOf(fields: readonly [string, Node][], reads: readonly Read[]): Content {
  const facts = factsOf(reads);
  return {
    facts,
    needs: needsOf(reads),
    roots: new Set(reads.map(({ names }) => String(names[0])).filter((root) => ROOTS.includes(root))),
    builtIns: builtInsOf(reads),
    render: (scope) =>
      inZone(scope.zone, () => {
        const filled = {
          ...scope,
          customer: withNothing(scope.customer, facts),
          ...(scope.isActionRecorded ? { action: nothingFor(reads) } : {}),
        };
        return Object.fromEntries(fields.map(([name, node]) => [name, renderNode(node, filled)]));
      }),
  };
}

/** Strict reading throws on what is missing; what may be missing is there as nothing instead. */
function withNothing(customer: Readonly<Record<string, unknown>>, facts: readonly FactRead[]): Record<string, unknown> {
  const absent = facts.filter((fact) => isMissing(fact, readAsText(customer, splitPath(fact.path))));
  if (absent.length === 0) return customer as Record<string, unknown>;
  const filled = structuredClone(customer) as Record<string, unknown>;
  for (const { path } of absent) blank(filled, splitPath(path));
  return filled;
}

/** Puts nothing at the first step of a path that is missing; a list cannot hold it and is nothing as a whole. */
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
