import { hmac, isSame, isStale } from "../signature.ts";

/** Maximum signatures checked per message; senders that rotate their key send two. */
const MAX_SIGNATURES = 20;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The key of a secret: `whsec_` and base64 as in Standard Webhooks, base64 alone, or else the text itself (`raw` in its
 * libraries).
 */
export function keyOf(secret: string): Buffer {
  const text = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret;
  return BASE64.test(text) ? Buffer.from(text, "base64") : Buffer.from(secret);
}

/** The headers that authenticate the sender and the body. The receiver recognises a repetition by the id. */
export function signedHeaders(secret: string, id: string, now: number, body: string | Uint8Array): Record<string, string> {
  const seconds = String(Math.floor(now / 1000));
  const signature = signatureOf(secret, id, seconds, body).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

/** Why the signature of a message is invalid; undefined where it is valid. */
export function checkSigned(
  { id, seconds, signatures }: { id: string; seconds: string; signatures: string },
  body: Uint8Array,
  secret: string,
  now: number,
): "signature_wrong" | "stale" | undefined {
  const expected = signatureOf(secret, id, seconds, body).toString("base64");
  const given = signatures
    .split(" ", MAX_SIGNATURES)
    .filter((one) => one.startsWith("v1,"))
    .map((one) => one.slice("v1,".length));
  if (!given.some((one) => isSame(one, expected))) return "signature_wrong";
  return isStale(seconds, now) ? "stale" : undefined;
}

// --- internal ---

const signatureOf = (secret: string, id: string, seconds: string, body: string | Uint8Array): Buffer =>
  hmac("sha256", keyOf(secret), `${id}.${seconds}.`, body);
