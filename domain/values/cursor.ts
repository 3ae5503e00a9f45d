import { createHmac, timingSafeEqual } from "node:crypto";
import { SentientError } from "../errors.ts";
import { canonicalJson, type Json } from "./json.ts";

/**
 * The place where a list goes on, as a text for its reader to hand back. It is signed together with the filter of the list, so that it continues no
 * other list and nobody can make one up.
 */
export function sealCursor(secret: string, filter: Json, place: Json): string {
  const body = Buffer.from(JSON.stringify(place)).toString("base64url");
  return `${body}.${signatureOf(secret, filter, body)}`;
}

/**
 * The place in a cursor.
 *
 * @throws `BAD_INPUT` for a cursor of another list, another filter, or nobody's
 */
export function openCursor(secret: string, filter: Json, cursor: string): Json {
  const [body = "", signature = "", ...more] = cursor.split(".");
  const [given, wanted] = [Buffer.from(signature), Buffer.from(signatureOf(secret, filter, body))];
  const isOurs = more.length === 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
  if (!isOurs)
    throw new SentientError("BAD_INPUT", "cursor: expected the next of an answer to the same question; leave it out to begin anew");
  return JSON.parse(Buffer.from(body, "base64url").toString()) as Json; // signed above
}

// --- internal ---

const signatureOf = (secret: string, filter: Json, body: string): string =>
  createHmac("sha256", secret)
    .update(`${canonicalJson(filter)}\n${body}`)
    .digest("base64url")
    .slice(0, 22);
