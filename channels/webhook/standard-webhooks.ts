import { hmac, isSame, isStale } from "../signature.ts";

/** How many signatures of one message are looked at; senders that change their key give two. */
const MOST_SIGNATURES = 20;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The key behind a secret: `whsec_` and base64 as Standard Webhooks writes it, base64 alone, or else the text itself
 * (what its libraries call `raw`).
 */
export function keyOf(secret: string): Buffer {
  const text = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : secret;
  return BASE64.test(text) ? Buffer.from(text, "base64") : Buffer.from(secret);
}

/** The headers that prove who sends a message and that it is whole. Its id is what the receiver knows a repetition by. */
export function signedHeaders(secret: string, id: string, now: number, body: string | Uint8Array): Record<string, string> {
  const seconds = String(Math.floor(now / 1000));
  const signature = signatureOf(secret, id, seconds, body).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

/** What is wrong with the signature of a message, if anything is. */
export function checkSigned(
  { id, seconds, signatures }: { id: string; seconds: string; signatures: string },
  body: Uint8Array,
  secret: string,
  now: number,
): "signature_wrong" | "stale" | undefined {
  const expected = signatureOf(secret, id, seconds, body).toString("base64");
  const given = signatures
    .split(" ", MOST_SIGNATURES)
    .filter((one) => one.startsWith("v1,"))
    .map((one) => one.slice("v1,".length));
  if (!given.some((one) => isSame(one, expected))) return "signature_wrong";
  return isStale(seconds, now) ? "stale" : undefined;
}

// --- internal ---

const signatureOf = (secret: string, id: string, seconds: string, body: string | Uint8Array): Buffer =>
  hmac("sha256", keyOf(secret), `${id}.${seconds}.`, body);
