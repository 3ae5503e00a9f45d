import { isObject } from "../values/json.ts";

const NAMES = ["subject", "title", "text", "summary"];

/** The words of a message that tell it from others: its subject, title, text or summary, also those of a payload; undefined where it has none. */
export function wordsOf(content: Readonly<Record<string, unknown>>): string | undefined {
  const own = NAMES.map((name) => content[name]).find((part) => typeof part === "string" && part.trim() !== "");
  if (typeof own === "string") return own;
  const { payload } = content;
  if (typeof payload === "string") return payload;
  return isObject(payload) ? wordsOf({ ...payload, payload: null }) : undefined;
}
