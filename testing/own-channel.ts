import { createHmac } from "node:crypto";
import { join } from "node:path";
import type { JsonObject } from "../domain/values/json.ts";

/** A workspace with its own channel. */
export const PAGER_EXAMPLE = join(import.meta.dirname, "..", "examples", "pager");

export const PAGER_KEY = "pager-s3cret";

/** A webhook, signed like those of the service behind the example's channel. */
export function pagerWebhook(event: JsonObject | string): { body: string; headers: Readonly<Record<string, string>> } {
  const body = typeof event === "string" ? event : JSON.stringify(event);
  return { body, headers: { "x-pager-signature": createHmac("sha256", PAGER_KEY).update(body).digest("hex") } };
}
