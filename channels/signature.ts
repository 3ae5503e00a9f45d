import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Milliseconds that a signed time may be off, each way: what Standard Webhooks, Slack and Stripe allow. */
export const TOLERANCE_MS = 5 * 60 * 1000;

type Bytes = string | Uint8Array;

/** Compares in a time that tells neither where two values differ nor how long the expected one is. */
export const isSame = (given: Bytes, expected: Bytes): boolean => timingSafeEqual(sha256(given), sha256(expected));

export const sha256 = (bytes: Bytes): Buffer => createHash("sha256").update(bytes).digest();

export function hmac(algorithm: "sha1" | "sha256", key: Bytes, ...parts: readonly Bytes[]): Buffer {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a time in whole seconds, as a header gives it, is too far from now, or none at all. */
export function isStale(seconds: string, now: number): boolean {
  return !/^\d{1,12}$/.test(seconds) || Math.abs(now - Number(seconds) * 1000) > TOLERANCE_MS;
}
