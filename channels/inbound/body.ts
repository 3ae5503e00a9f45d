import { isObject, type Json, parseGuarded } from "../../domain/json.ts";
import type { WebhookRequest } from "../inbound.ts";
import { headerOf } from "./reader.ts";

/** What a webhook's body may be at most; mail comes with its attachments. */
const MOST_BYTES = 25 * 1024 * 1024;
const DEEPEST = 64;

export type Fields = Readonly<Record<string, unknown>>;
export type ReadBody<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The body as JSON. A NUL that somebody wrote into a text is dropped: nothing can keep it, and the rest is news. */
export function jsonOf({ rawBody }: WebhookRequest): ReadBody<Json> {
  const text = Buffer.from(rawBody)
    .toString()
    .replace(/\\u0000/gi, "");
  return parseGuarded(text, { maxBytes: MOST_BYTES, maxDepth: DEEPEST });
}

export function objectOf(request: WebhookRequest): ReadBody<Fields> {
  const read = jsonOf(request);
  if (!read.ok) return read;
  return isObject(read.value) ? { ok: true, value: read.value } : { ok: false, problem: "expected a JSON object" };
}

/** The fields of a form, of either kind; a field that comes twice gives its first value, files are left out. */
export async function formOf(request: WebhookRequest): Promise<ReadBody<ReadonlyMap<string, string>>> {
  const contentType = headerOf(request, "content-type") ?? "";
  if (!contentType.startsWith("multipart/form-data")) return { ok: true, value: firstOf(paramsOf(request)) };
  try {
    const form = await new Response(Buffer.from(request.rawBody), { headers: { "content-type": contentType } }).formData();
    return { ok: true, value: firstOf([...form].flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []))) };
  } catch {
    return { ok: false, problem: "not a form that can be read" };
  }
}

export const paramsOf = ({ rawBody }: WebhookRequest): [string, string][] => [...new URLSearchParams(Buffer.from(rawBody).toString())];

export const isJson = (request: WebhookRequest): boolean => /^application\/(.+\+)?json\b/i.test(headerOf(request, "content-type") ?? "");

/** A field of JSON that is text or a number, as text. */
export function textIn(fields: unknown, ...path: readonly string[]): string {
  const value = path.reduce<unknown>(
    (inside, name) => (isObject(inside) && Object.hasOwn(inside, name) ? inside[name] : undefined),
    fields,
  );
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

// --- internal ---

function firstOf(entries: readonly (readonly [string, string])[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of entries) if (!fields.has(name)) fields.set(name, value);
  return fields;
}
