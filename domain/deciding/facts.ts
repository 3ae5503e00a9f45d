import type { StatedFact } from "../entities/decision.ts";
import type { Content, ContentScope, FactRead } from "../entities/policy.ts";
import { ageOf, fieldsRead, type GoldenRecord } from "../record/record.ts";
import { readAsText, splitPath } from "../values/path.ts";
import { type Instant, iso, timeIn } from "../values/time.ts";
import type { Hold } from "./timing.ts";

/** Holds for facts stated by a text that are missing, too old, or in conflict. */
export function heldByFacts(content: Content, golden: GoldenRecord, now: Instant): Hold[] {
  return content.facts.flatMap((read) => heldByFact(read, golden, now));
}

/** Holds for other reads of a text that have no value: fields of the moment or the signal. */
export function heldByNeeds(content: Content, scope: ContentScope): Hold[] {
  const missing = content.needs
    .filter((path) => isNothing(readAsText(scope, path)))
    .map((path): Hold => ({ code: "content_rejected", detail: `${path.join(".")} is missing, and the text reads it` }));
  const wrong = content.dates
    .filter(({ path, optional }) => !optional && path[0] !== "action" && isNoDate(readAsText(scope, path)))
    .map(
      ({ path }): Hold => ({
        code: "content_rejected",
        detail: `${path.join(".")} is there but is no date, and the text prints it as one`,
      }),
    );
  return [...missing, ...wrong];
}

/** Whether a value that a text reads counts as missing: empty, or not a date where it is printed as one. */
export const isMissing = ({ isDate }: FactRead, value: unknown): boolean => isNothing(value) || (isDate && isNoDate(value));

/** Whether a value exists and cannot be printed as a date. */
export const isNoDate = (value: unknown): boolean => !isNothing(value) && timeIn(value) === undefined;

/** The facts that a text states, with their sources. */
export function statedFacts(contents: readonly Content[], golden: GoldenRecord): Record<string, StatedFact> {
  const stated: Record<string, StatedFact> = {};
  for (const { facts } of contents) {
    for (const { path } of facts) {
      for (const [name, field] of fieldsRead(golden, path)) {
        if (field.state !== "conflict") stated[name] = { value: field.value, source: field.source, at: iso(field.at) };
      }
    }
  }
  return stated;
}

// --- internal ---

function heldByFact(read: FactRead, golden: GoldenRecord, now: Instant): Hold[] {
  const { path, optional, unless } = read;
  const fields = fieldsRead(golden, path);
  const holds: Hold[] = [];
  for (const [name, field] of fields) {
    if (field.state === "conflict") holds.push({ code: "fact_conflict", detail: `${name}: ${field.detail}` });
    if (field.state === "stale") holds.push({ code: "fact_stale", detail: `${name} is ${ageOf(field.at, now)} old (${field.source})` });
  }
  const value = readTrait(golden, path);
  if (holds.length > 0 || optional || !isMissing(read, value)) return holds;
  const isExcused = unless.some((guard) => isNothing(readTrait(golden, guard)));
  return isExcused ? [] : [{ code: "fact_missing", detail: `${path} ${isNothing(value) ? "is not known" : "is there but is no date"}` }];
}

const readTrait = ({ traits }: GoldenRecord, path: string): unknown => readAsText(traits, splitPath(path));

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === "";
