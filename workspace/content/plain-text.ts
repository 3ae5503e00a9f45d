import { type Template, TokenKind, TypeGuards, type Value } from "liquidjs";
import { isObject } from "../../domain/values/json.ts";
import { printed } from "./liquid-printing.ts";

/** A literal part of a text, or the names of a field that stands in it. */
export type PlainPart = string | readonly string[];

/**
 * The parts of a text that holds nothing but literals and fields without filters. Most texts are such, and the engine takes ten times as long
 * to print them. Undefined for any other text.
 */
export function plainParts(templates: readonly Template[]): readonly PlainPart[] | undefined {
  const parts = templates.map((template) => {
    const { token, str, value } = template as Template & { readonly str?: unknown; readonly value?: Value };
    if (token.kind === TokenKind.HTML) return typeof str === "string" ? str : undefined;
    // The one filter of such an output is the engine's own, which prints or escapes it.
    return token.kind === TokenKind.Output && value?.filters.length === 1 ? namesOf(value) : undefined;
  });
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** The names of the field that an output without filters reads; undefined for any other output. */
export const plainField = (value: Value): readonly string[] | undefined => (value.filters.length === 0 ? namesOf(value) : undefined);

/** The text, where each of its fields is a text or a number; undefined where the engine has to say what it prints, or why it does not. */
export function plainText(parts: readonly PlainPart[], scope: unknown, isHtml: boolean): string | undefined {
  let text = "";
  for (const part of parts) {
    const value = typeof part === "string" ? part : plainValue(part, scope);
    if (value === undefined) return undefined;
    const given = printed(value);
    if (isHtml && typeof part !== "string" && ESCAPED.test(given)) return undefined;
    text += given;
  }
  return text.length <= LONGEST ? text : undefined;
}

/** A text or a number at a path of own fields of objects; undefined for anything else. */
export function plainValue(names: readonly string[], scope: unknown): string | number | undefined {
  let value: unknown = scope;
  for (const name of names) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return typeof value === "string" || (typeof value === "number" && Number.isFinite(value)) ? value : undefined;
}

// --- internal ---

/** What becomes another text in HTML. */
const ESCAPED = /[&<>"']/;

/** A longer text may pass a limit of the engine. */
const LONGEST = 100_000;

/** What the engine reads of lists and texts beside their own fields. */
const OF_LISTS: readonly unknown[] = ["size", "first", "last"];

function namesOf({ initial }: Value): readonly string[] | undefined {
  const [token, ...more] = initial.postfix;
  if (token === undefined || more.length > 0 || !TypeGuards.isPropertyAccessToken(token) || token.variable) return undefined;
  const names = token.props.map((prop) => ("content" in prop ? prop.content : undefined));
  return names.every((name) => typeof name === "string" && !OF_LISTS.includes(name)) ? (names as string[]) : undefined;
}
