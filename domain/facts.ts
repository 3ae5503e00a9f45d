import type { StatedFact } from "./decision.ts";
import type { Content, ContentScope, FactRead } from "./policy.ts";
import { ageOf, fieldsRead, type GoldenRecord, readAsText, readPath, splitPath } from "./record.ts";
import { type Instant, iso } from "./time.ts";
import type { Hold } from "./timing.ts";

/** What is wrong with the facts that a text would state: missing, older than allowed, or held because sources disagree. */
export function heldByFacts(content: Content, golden: GoldenRecord, now: Instant): Hold[] {
  return content.facts.flatMap((read) => heldByFact(read, golden, now));
}

/** What else a text needs and does not find: fields of the moment or the signal that are not there this time. */
export function heldByNeeds(content: Content, scope: ContentScope): Hold[] {
  return content.needs
    .filter((path) => isNothing(readPath(scope, path)))
    .map((path) => ({ code: "content_rejected", detail: `${path.join(".")} is missing, and the text reads it` }));
}

/** The values that a text states, with where they come from. */
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

function heldByFact({ path, optional, unless }: FactRead, golden: GoldenRecord, now: Instant): Hold[] {
  const fields = fieldsRead(golden, path);
  const holds: Hold[] = [];
  for (const [name, field] of fields) {
    if (field.state === "conflict") holds.push({ code: "fact_conflict", detail: `${name}: ${field.detail}` });
    if (field.state === "stale") holds.push({ code: "fact_stale", detail: `${name} is ${ageOf(field.at, now)} old (${field.source})` });
  }
  if (holds.length > 0 || optional || !isNothing(readTrait(golden, path))) return holds;
  const isExcused = unless.some((guard) => isNothing(readTrait(golden, guard)));
  return isExcused ? [] : [{ code: "fact_missing", detail: `${path} is not known` }];
}

const readTrait = ({ traits }: GoldenRecord, path: string): unknown => readAsText(traits, splitPath(path));

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === "";
