import { type Document, isMap, isPair, isScalar, LineCounter, parseDocument, type Scalar, visit } from "yaml";
import { unstorable } from "../domain/values/json.ts";
import { type IdPlaces, isIdPlace, losesDigits, lost } from "../domain/values/json-numbers.ts";
import type { Problem } from "./problem.ts";

/** A parsed YAML file: its value with variables substituted, and the position of each path. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** The same before variables are substituted: what may be shown to people, as variables can hold secrets. */
  readonly written: unknown;
  /** Unset variables without a default, by the path of their use. Those keys are absent. */
  readonly unset: ReadonlyMap<string, string>;
  /** Path in the file for a path of the checked value, where the two differ. */
  readonly original?: (path: readonly (string | number)[]) => readonly (string | number)[];
  /** Line of a path, or of its nearest existing parent. */
  lineOf(path: readonly (string | number)[]): number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses a YAML file and substitutes `${NAME}` and `${NAME:-default}`; an empty variable counts as unset. */
export function readYaml(file: string, text: string, environment: Environment): YamlFile | { readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true, merge: true });
  const problems: Problem[] = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    file,
    line: lines.linePos(pos[0]).line,
    message: `not YAML: ${message}`,
  }));
  problems.push(...lostValues(document, lines, file));
  if (problems.length > 0) return { problems };
  const places = new Map<string, number>();
  try {
    const written: unknown = document.toJS({ maxAliasCount: 100 });
    const unset = fillIn(document, environment, (path) => void places.set(path.join("."), lineOf(document, lines, path)));
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { file, value, written, unset, lineOf: (path) => places.get(path.join(".")) ?? lineOf(document, lines, path) };
  } catch (error) {
    return { problems: [{ file, message: `not YAML: ${(error as Error).message}` }] };
  }
}

/**
 * Problems of values that would be altered or cannot be stored: NUL, lone surrogates, whole numbers beyond 2^53.
 *
 * @param ids places of ids: a whole number becomes its digits as text there, in the document itself
 */
export function lostValues(document: Document, lines: LineCounter, file: string, ids: IdPlaces = []): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      const path = () => pathOf(ancestors, key);
      if (typeof node.value === "number" && /^[-+]?\d+$/.test(node.source ?? "") && isIdPlace(path(), ids)) node.value = node.source;
      const message = lossOf(node);
      if (message === undefined) return;
      problems.push({ file, line: lines.linePos(node.range?.[0] ?? 0).line, path: path().join("."), message });
    },
  });
  return problems;
}

/** Line of a path in a document, or of its nearest existing parent. */
export function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

// --- internal ---

function lossOf({ value, source = "" }: Scalar): string | undefined {
  if (typeof value === "string") return unstorable(value, "");
  if (typeof value !== "number") return undefined;
  if (!Number.isFinite(value)) return `${source} is no number`;
  const digits = source.replace(/^\+/, "");
  return (/^-?\d/.test(digits) ? losesDigits(digits) : !Number.isSafeInteger(value) && Number.isInteger(value))
    ? lost("", source)
    : undefined;
}

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/** Substitutes variables and removes keys without a value; reports their paths while they are still valid. */
function fillIn(
  document: Document,
  environment: Environment,
  onMissing: (path: readonly (string | number)[]) => void,
): Map<string, string> {
  const unset: { readonly path: (string | number)[]; readonly name: string }[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("${")) return undefined;
      const { text, missing } = substitute(node.value, environment);
      if (missing === undefined) {
        node.value = node.type === "PLAIN" ? plainValue(text) : text;
        return undefined;
      }
      unset.push({ path: pathOf(ancestors, key), name: missing });
      return undefined;
    },
  });
  // Items removed from a list are not reported: their index then belongs to another item.
  for (const { path } of unset) if (typeof path.at(-1) === "string") onMissing(path);
  // From the end: removing a list item shifts the ones behind it.
  for (const { path } of [...unset].reverse()) document.deleteIn(path);
  return new Map(unset.map(({ path, name }) => [path.join("."), name]));
}

function substitute(text: string, environment: Environment): { text: string; missing?: string } {
  let missing: string | undefined;
  const filled = text.replace(VARIABLE, (_, name: string, fallback: string | undefined) => {
    const value = environment[name] || fallback;
    if (value === undefined) missing ??= name;
    return value ?? "";
  });
  return missing === undefined ? { text: filled } : { text: filled, missing };
}

/** In an unquoted scalar a variable may stand for a number or a boolean, as if written there. */
function plainValue(text: string): unknown {
  const { contents, errors } = parseDocument(text);
  return errors.length === 0 && isScalar(contents) && lossOf(contents as Scalar) === undefined ? (contents as Scalar).value : text;
}

function pathOf(ancestors: readonly unknown[], key: unknown): (string | number)[] {
  const path: (string | number)[] = [];
  for (const [index, ancestor] of ancestors.entries()) {
    const child = ancestors[index + 1];
    if (isPair(ancestor)) path.push(keyOf(ancestor.key));
    else if (!isMap(ancestor) && isCollection(ancestor)) path.push(child === undefined ? Number(key) : ancestor.items.indexOf(child));
  }
  return path;
}

function keyOf(key: unknown): string | number {
  const value = isScalar(key) ? key.value : key;
  return typeof value === "number" ? value : String(value);
}

const isCollection = (node: unknown): node is { items: unknown[] } =>
  typeof node === "object" && node !== null && Array.isArray((node as { items?: unknown }).items);

/** Start offset of a path: the key, or the item itself in a list. */
function offsetOf(document: Document, path: readonly (string | number)[]): number | undefined {
  const parent = path.length === 0 ? undefined : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => String((key as Scalar).value) === String(path.at(-1)));
    const range = (pair?.key as Scalar | undefined)?.range;
    if (range) return range[0];
  }
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined;
  return node?.range?.[0];
}
