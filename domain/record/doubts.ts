import type { RecordRules } from "../entities/claims.ts";
import type { Doubt } from "../values/condition.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import { splitPath } from "../values/path.ts";
import { durationInWords, type Instant } from "../values/time.ts";
import { type Field, fieldsRead, type GoldenRecord, ruleFor } from "./record.ts";

/** Whether any field is stale or held in conflict. */
export function hasDoubts({ fields }: GoldenRecord): boolean {
  for (const { state } of fields.values()) if (state !== "ok") return true;
  return false;
}

/** Why fields covered by a read of `path` do not count: each one that is stale or held in conflict. */
export const doubtsAbout = (golden: GoldenRecord, rules: RecordRules, now: Instant, path: string): Doubt[] =>
  fieldsRead(golden, path).flatMap(([name, field]) => {
    const why = whyDoubted(name, field, rules, now);
    return why === undefined ? [] : [{ path: name, why }];
  });

/** The traits without stale fields; an object that would be left empty is left out too. Fields in conflict are in no traits. */
export function withoutStale({ traits, fields }: GoldenRecord): JsonObject {
  const copy = structuredClone(traits) as JsonObject;
  for (const [path, { state }] of fields) if (state === "stale") remove(copy, splitPath(path));
  return copy;
}

// --- internal ---

function whyDoubted(path: string, field: Field, rules: RecordRules, now: Instant): string | undefined {
  if (field.state === "conflict") return `is in conflict: ${field.detail}`;
  if (field.state === "ok") return undefined;
  const { maxAge } = ruleFor(path, rules);
  const allowed = maxAge === undefined ? "" : `, older than the ${durationInWords(maxAge)} allowed`;
  return `is ${durationInWords(Math.max(0, now - field.at))} old (${field.source})${allowed}`;
}

function remove(root: JsonObject, [name, ...rest]: readonly string[]): void {
  if (name === undefined || !Object.hasOwn(root, name)) return;
  const inner = root[name];
  if (rest.length > 0 && isObject(inner)) {
    remove(inner as JsonObject, rest);
    if (Object.keys(inner).length > 0) return;
  }
  delete root[name];
}
