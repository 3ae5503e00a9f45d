import type { RecordRules } from "../entities/claims.ts";
import type { Doubt } from "../values/condition.ts";
import { cutShort } from "../values/cut.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import { placeAt, splitPath } from "../values/path.ts";
import { durationInWords, type Instant } from "../values/time.ts";
import { type Field, fieldsRead, type GoldenRecord, ruleFor, type Word } from "./record.ts";

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
export function withoutStale(golden: GoldenRecord): JsonObject {
  const known = reliable.get(golden);
  if (known) return known;
  const copy = structuredClone(golden.traits) as JsonObject;
  for (const [path, { state }] of golden.fields) if (state === "stale") remove(copy, splitPath(path));
  reliable.set(golden, copy);
  return copy;
}

/** What is to be known about a doubted fact before relying on it: its age and source, and what other sources say. */
export function doubtInWords(path: string, field: Field, rules: RecordRules, now: Instant): string | undefined {
  if (field.state === "ok") return undefined;
  const own =
    field.state === "stale" ? whyDoubted(path, field, rules, now) : `is ${ageInWords(field.best, now)} old (${field.best.source})`;
  const others = field.others.map((word) => `${word.source} says ${valueInWords(word.value)} (${ageInWords(word, now)} old)`);
  return [own, ...others].join("; ");
}

/** A value as a note for people prints it. */
export const valueInWords = (value: unknown): string =>
  cutShort(typeof value === "string" ? value.replace(/\s+/g, " ").trim() : JSON.stringify(value), MAX_VALUE_LENGTH);

/** The record with the best word on each disputed field as its value: for people, who are told that it is disputed. */
export function withDisputed(golden: GoldenRecord): GoldenRecord {
  const disputed = [...golden.fields].flatMap(([path, field]) => (field.state === "conflict" ? [{ path, value: field.best.value }] : []));
  if (disputed.length === 0) return golden;
  const traits = structuredClone(golden.traits) as JsonObject;
  for (const { path, value } of disputed) placeAt(traits, splitPath(path), value);
  return { ...golden, traits };
}

// --- internal ---

const MAX_VALUE_LENGTH = 80;

const reliable = new WeakMap<GoldenRecord, JsonObject>();

const ageInWords = ({ at }: Word, now: Instant): string => durationInWords(Math.max(0, now - at));

function whyDoubted(path: string, field: Field, rules: RecordRules, now: Instant): string | undefined {
  if (field.state === "conflict") return `is in conflict: ${field.detail}`;
  if (field.state === "ok") return undefined;
  const { maxAge } = ruleFor(path, rules);
  const allowed = maxAge === undefined ? "" : `, older than the ${durationInWords(maxAge)} allowed`;
  return `is ${ageInWords(field, now)} old (${field.source})${allowed}`;
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
