import { SIGNAL_IDS } from "../../domain/entities/signal.ts";
import { isObject, type Json, parseGuarded } from "../../domain/values/json.ts";
import { decodeText } from "../../domain/values/utf8.ts";
import { headerOf } from "./reader.ts";
import type { WebhookRequest } from "./webhook.ts";

/** Maximum bytes of a webhook's body; mail includes its attachments. */
const MAX_BYTES = 25 * 1024 * 1024;
const DEEPEST = 64;

export type Fields = Readonly<Record<string, unknown>>;
export type ReadBody<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** The body as JSON. NUL characters are dropped: no database stores them, and the rest is still valid. */
export function jsonOf({ rawBody }: WebhookRequest): ReadBody<Json> {
  const read = decodeText(rawBody);
  if (!read.ok) return NOT_UTF8;
  return parseGuarded(read.text.replace(/\\u0000/gi, ""), { maxBytes: MAX_BYTES, maxDepth: DEEPEST }, SIGNAL_IDS);
}

export function objectOf(request: WebhookRequest): ReadBody<Fields> {
  const read = jsonOf(request);
  if (!read.ok) return read;
  return isObject(read.value) ? { ok: true, value: read.value } : { ok: false, problem: "expected a JSON object" };
}

/** Returns the charset of each field of a form; the default is UTF-8. */
export type Charsets = (fields: ReadonlyMap<string, string>) => ReadonlyMap<string, string>;

/** The fields of a form of either content type; of a repeated field the first value counts, files are left out. */
export async function formOf(request: WebhookRequest, charsets?: Charsets): Promise<ReadBody<ReadonlyMap<string, string>>> {
  const contentType = headerOf(request, "content-type") ?? "";
  if (!contentType.startsWith("multipart/form-data")) return paramsIn(request);
  try {
    // Decoded as Latin-1, one character per byte, since the fields of one form may have different charsets.
    const body = Buffer.from(Buffer.from(request.rawBody).toString("latin1"));
    const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
    const raw = firstOf([...form].flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : [])));
    const inUtf8 = new Map([...raw].map(([name, value]) => [name, decoded(value, "utf-8")]));
    const named = charsets?.(inUtf8) ?? new Map<string, string>();
    return { ok: true, value: new Map([...raw].map(([name, value]) => [name, decoded(value, named.get(name) ?? "utf-8")])) };
  } catch {
    return { ok: false, problem: "not a form that can be read" };
  }
}

/** The fields of a urlencoded form, in UTF-8. */
export function paramsIn(request: WebhookRequest): ReadBody<ReadonlyMap<string, string>> {
  const bytes = Buffer.from(request.rawBody)
    .toString("latin1")
    .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return decodeText(Buffer.from(bytes, "latin1")).ok ? { ok: true, value: firstOf(paramsOf(request)) } : NOT_UTF8;
}

/** The fields as signed, before any is interpreted. */
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

const NOT_UTF8 = { ok: false, problem: "the body is not UTF-8" } as const;

/**
 * Decodes bytes, one character each, by their charset. An unknown or wrong charset is read as UTF-8, and invalid UTF-8 as the
 * charset of most old mail.
 */
function decoded(value: string, charset: string): string {
  const bytes = Buffer.from(value, "latin1");
  for (const label of /ascii|^ansi/i.test(charset) ? ["utf-8"] : [charset.trim(), "utf-8"]) {
    try {
      const decoder = new TextDecoder(label, { fatal: true });
      return decoder.encoding === "windows-1252" ? western(value) : decoder.decode(bytes);
    } catch {}
  }
  return western(value);
}

/** windows-1252 from 0x80 to 0x9f, which Node 20 decodes as control characters; mail labelled ISO 8859-1 means these too. */
const WESTERN = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const western = (value: string): string => value.replace(/[\u0080-\u009f]/g, (sign) => WESTERN[sign.charCodeAt(0) - 0x80] ?? sign);

function firstOf(entries: readonly (readonly [string, string])[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of entries) if (!fields.has(name)) fields.set(name, value);
  return fields;
}
