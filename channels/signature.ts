import { createHash, createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** Tolerance of a signed timestamp in milliseconds, each way: the same as in Standard Webhooks, Slack and Stripe. */
export const TOLERANCE_MS = 5 * 60 * 1000;

type Bytes = string | Uint8Array;

/** Constant-time comparison, which also hides the length of the expected value. */
export const isSame = (given: Bytes, expected: Bytes): boolean => timingSafeEqual(sha256(given), sha256(expected));

export const sha256 = (bytes: Bytes): Buffer => createHash("sha256").update(bytes).digest();

export function hmac(algorithm: "sha1" | "sha256", key: Bytes | KeyObject, ...parts: readonly Bytes[]): Buffer {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Whether a timestamp in whole seconds, as in a header, is outside the tolerance or invalid. */
export function isStale(seconds: string, now: number): boolean {
  return !/^\d{1,12}$/.test(seconds) || Math.abs(now - Number(seconds) * 1000) > TOLERANCE_MS;
}
