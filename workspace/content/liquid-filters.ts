import { filters as builtIns, type Liquid, toValue } from "liquidjs";
import { cut, graphemeCount, graphemesOf } from "../../domain/values/cut.ts";
import { printed, printedItems } from "./liquid-printing.ts";

/** A filter in the library's form: its context is `this`. */
type Filter = (this: FilterThis, ...args: unknown[]) => unknown;
interface FilterThis {
  readonly context: { readonly memoryLimit: { use(count: number): void } };
}

/**
 * Replaces the library's text filters by grapheme-aware versions: inputs are printed like outputs, so that no object enters a text
 * indirectly; counting, truncating and reversing work on graphemes.
 */
export function registerTextFilters(engine: Liquid): void {
  for (const name of TEXT_FILTERS) {
    const original = builtIns[name] as Filter;
    register(engine, name, function (value, ...args) {
      return original.call(this, isNothing(value) ? value : printed(value), ...args.map(asArgument));
    });
  }
  for (const [name, filter] of Object.entries(OURS)) register(engine, name, filter);
}

// --- internal ---

/** Filters from text to text. */
const TEXT_FILTERS: readonly string[] = [
  ...["append", "prepend", "downcase", "upcase", "capitalize", "strip", "lstrip", "rstrip", "strip_newlines", "squish"],
  ...["remove", "remove_first", "remove_last", "replace_first", "replace_last", "normalize_whitespace", "number_of_words"],
  ...["truncatewords", "escape", "xml_escape", "escape_once", "newline_to_br", "strip_html"],
  ...["url_decode", "url_encode", "cgi_escape", "uri_escape", "slugify", "base64_encode", "sha256", "hmac_sha256"],
];

const isNothing = (value: unknown): boolean => toValue(value) === undefined || toValue(value) === null;

/** Numbers may be counts, which are kept, or values to print. */
function asArgument(given: unknown): unknown {
  const value: unknown = toValue(given);
  return Number.isSafeInteger(value) || typeof value === "boolean" || isNothing(value) ? value : printed(value);
}

const asCount = (value: unknown, otherwise: number): number => (isNothing(value) ? otherwise : Math.trunc(Number(toValue(value)) || 0));

const OURS: Readonly<Record<string, Filter>> = {
  size(value) {
    const given: unknown = toValue(value);
    if (typeof given !== "string") return (given as { readonly length?: number } | null | undefined)?.length ?? 0;
    this.context.memoryLimit.use(given.length);
    return graphemeCount(given);
  },

  split(value, separator) {
    const by = printed(separator);
    if (by !== "") return (builtIns.split as Filter).call(this, printed(value), by);
    return signsBy(this, value);
  },

  first(value) {
    const given: unknown = toValue(value);
    return typeof given === "string" ? (signsBy(this, cut(given, ONE_SIGN))[0] ?? "") : (builtIns.first as Filter).call(this, given);
  },

  last(value) {
    const given: unknown = toValue(value);
    return typeof given === "string" ? (signsBy(this, given).at(-1) ?? "") : (builtIns.last as Filter).call(this, given);
  },

  reverse(value) {
    const given: unknown = toValue(value);
    return typeof given === "string" ? signsBy(this, given).reverse().join("") : (builtIns.reverse as Filter).call(this, given);
  },

  slice(value, begin, length = 1) {
    const given: unknown = toValue(value);
    const [from, count] = [asCount(begin, 0), asCount(length, 1)];
    if (Array.isArray(given)) return (builtIns.slice as Filter).call(this, given, from, count);
    const signs = signsBy(this, given);
    const start = from < 0 ? signs.length + from : from;
    return start < 0 || count < 0 ? "" : signs.slice(start, start + count).join("");
  },

  truncate(value, most = 50, end = "...") {
    const text = printed(value);
    const [limit, ellipsis] = [asCount(most, 50), signsBy(this, end)];
    const signs = signsBy(this, text);
    return signs.length <= limit ? text : [...signs.slice(0, Math.max(limit - ellipsis.length, 0)), ...ellipsis].join("");
  },

  replace(value, pattern, replacement) {
    const [text, sought, by] = [printed(value), printed(pattern), printed(replacement)];
    if (sought !== "") return (builtIns.replace as Filter).call(this, text, sought, by);
    const signs = signsBy(this, text);
    this.context.memoryLimit.use(text.length + signs.length * by.length);
    return signs.join(by);
  },

  join(value, separator) {
    return (builtIns.join as Filter).call(this, printedItems(value), isNothing(separator) ? " " : printed(separator));
  },

  array_to_sentence_string(value, connector = "and") {
    return (builtIns.array_to_sentence_string as Filter).call(this, printedItems(value), printed(connector));
  },

  base64_decode(value) {
    const text = printed(value);
    this.context.memoryLimit.use(text.length);
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw new Error("it is not base64");
    const bytes = Buffer.from(text, "base64");
    if (!isText(bytes)) throw new Error("what its base64 stands for is no text");
    return bytes.toString("utf8");
  },
};

/** Enough for the first grapheme of a text. */
const ONE_SIGN = 256;

function signsBy({ context }: FilterThis, value: unknown): string[] {
  const text = printed(value);
  context.memoryLimit.use(text.length);
  return graphemesOf(text);
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8"), "utf8").equals(bytes);
}

const register = (engine: Liquid, name: string, filter: Filter): void => engine.registerFilter(name, filter as never);
