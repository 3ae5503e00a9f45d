import { createSecretKey, type KeyObject } from "node:crypto";
import { hmac, isSame, isStale } from "../signature.ts";

/** Maximum signatures checked per message; senders that rotate their key send two. */
const MAX_SIGNATURES = 20;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The key of a secret: `whsec_` and base64 as in Standard Webhooks, base64 alone, or else the text itself (`raw` in its
 * libraries).
 */
export function keyOf(secret: string): KeyObject {
  const text = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret;
  return createSecretKey(BASE64.test(text) ? Buffer.from(text, "base64") : Buffer.from(secret));
}

/** The headers that authenticate the sender and the body. The receiver recognises a repetition by the id. */
export function signedHeaders(key: KeyObject, id: string, now: number, body: string | Uint8Array): Record<string, string> {
  const seconds = String(Math.floor(now / 1000));
  const signature = signatureOf(key, id, seconds, body);
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

/** Why the signature of a message is invalid; undefined where it is valid. */
export function checkSigned(
  { id, seconds, signatures }: { id: string; seconds: string; signatures: string },
  body: Uint8Array,
  key: KeyObject,
  now: number,
): "signature_wrong" | "stale" | undefined {
  const expected = signatureOf(key, id, seconds, body);
  const given = signatures
    .split(" ", MAX_SIGNATURES)
    .filter((one) => one.startsWith("v1,"))
    .map((one) => one.slice("v1,".length));
  if (!given.some((one) => isSame(one, expected))) return "signature_wrong";
  return isStale(seconds, now) ? "stale" : undefined;
}

// --- internal ---

function signatureOf(key: KeyObject, id: string, seconds: string, body: string | Uint8Array): string {
  const signed = `${id}.${seconds}.`;
  // Text is signed in one piece: each piece costs a call of the library.
  return (typeof body === "string" ? hmac("sha256", key, signed + body) : hmac("sha256", key, signed, body)).toString("base64");
}
