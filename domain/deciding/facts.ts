import type { RecordRules } from "../entities/claims.ts";
import type { StatedFact } from "../entities/decision.ts";
import {
  type ChannelRule,
  type Content,
  type ContentScope,
  contentsOf,
  type Experience,
  type FactRead,
  type Route,
} from "../entities/policy.ts";
import { doubtInWords, valueInWords, withDisputed } from "../record/doubts.ts";
import { ageOf, fieldsRead, type GoldenRecord } from "../record/record.ts";
import type { JsonObject } from "../values/json.ts";
import { readAsText, splitPath } from "../values/path.ts";
import { type Instant, iso, timeIn } from "../values/time.ts";
import type { Hold } from "./timing.ts";

/**
 * Holds for what an experience reads on one of its routes: facts that are missing, too old, or in conflict, and other reads without a
 * value. The text of a task is held by missing facts only: people are told which ones are stale or disputed, and can look them up.
 * What an action or an assistant does by itself nobody looks up first.
 *
 * @param scope made only where a text reads more than facts
 */
export function heldByReads(
  experience: Experience,
  { route, rule }: { readonly route: Route; readonly rule: Pick<ChannelRule, "makesTask"> },
  golden: GoldenRecord,
  scope: () => ContentScope,
  now: Instant,
): readonly Hold[] {
  const contents = contentsOf(experience, route);
  if (contents.every(({ facts, needs, dates }) => facts.length + needs.length + dates.length === 0)) return NOTHING;
  return contents.flatMap((content) => [
    ...(rule.makesTask && content === route.content ? heldByMissingFacts(content, golden) : heldByFacts(content, golden, now)),
    ...heldByNeeds(content, scope),
  ]);
}

/** Whether a value that a text reads counts as missing: empty, or not a date where it is printed as one. */
export const isMissing = ({ isDate }: FactRead, value: unknown): boolean => isNothing(value) || (isDate && isNoDate(value));

/** Whether a value exists and cannot be printed as a date. */
export const isNoDate = (value: unknown): boolean => !isNothing(value) && timeIn(value) === undefined;

/** The facts that texts state, with their sources. With `doubted`, also stale and disputed ones, and what is doubtful about them. */
export function statedFacts(contents: readonly Content[], golden: GoldenRecord, doubted?: Doubted): Record<string, StatedFact> {
  const read = contents.flatMap(({ facts }) => facts.flatMap(({ path }) => fieldsRead(golden, path)));
  return Object.fromEntries(
    read.flatMap(([name, field]): [string, StatedFact][] => {
      if (field.state === "conflict" && !doubted) return [];
      const { value, source, at } = field.state === "conflict" ? field.best : field;
      const doubt = doubted && doubtInWords(name, field, doubted.rules, doubted.now);
      return [[name, { value, source, at: iso(at), ...(doubt === undefined ? {} : { doubt }) }]];
    }),
  );
}

interface Doubted {
  readonly rules: RecordRules;
  readonly now: Instant;
}

/** The fields of a task's content, its summary with the notes on stale and disputed facts that the delivery was frozen with. */
export function withNotes(fields: JsonObject, { notes }: JsonObject): JsonObject {
  if (!Array.isArray(notes) || typeof fields.summary !== "string") return fields;
  return { ...fields, summary: `${fields.summary} (${notes.join("; ")})` };
}

/** Notes on the stale and disputed facts of a task, for whoever takes it: `check lease.endsOn: 2026-09-08 is 120 days old (leasing) …`. */
export const notesOn = (facts: Readonly<Record<string, StatedFact>>): string[] =>
  Object.entries(facts).flatMap(([path, { value, doubt }]) =>
    doubt === undefined ? [] : [`check ${path}: ${valueInWords(value)} ${doubt}`],
  );

// --- internal ---

const NOTHING: readonly never[] = [];

function heldByFacts(content: Content, golden: GoldenRecord, now: Instant): Hold[] {
  return content.facts.flatMap((read) => {
    const doubts = heldByDoubts(read, golden, now);
    return doubts.length > 0 ? doubts : missing(read, golden);
  });
}

function heldByMissingFacts(content: Content, golden: GoldenRecord): Hold[] {
  const known = withDisputed(golden);
  return content.facts.flatMap((read) => missing(read, known));
}

/** Holds for other reads of a text that have no value: fields of the moment or the signal. */
function heldByNeeds(content: Content, scopeOf: () => ContentScope): readonly Hold[] {
  if (content.needs.length + content.dates.length === 0) return [];
  const scope = scopeOf();
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

function heldByDoubts({ path }: FactRead, golden: GoldenRecord, now: Instant): Hold[] {
  return fieldsRead(golden, path).flatMap(([name, field]): Hold[] => {
    if (field.state === "conflict") return [{ code: "fact_conflict", detail: `${name}: ${field.detail}` }];
    return field.state === "stale" ? [{ code: "fact_stale", detail: `${name} is ${ageOf(field.at, now)} old (${field.source})` }] : [];
  });
}

function missing(read: FactRead, golden: GoldenRecord): Hold[] {
  const { path, optional, unless } = read;
  const value = readTrait(golden, path);
  if (optional || !isMissing(read, value)) return [];
  const isExcused = unless.some((guard) => isNothing(readTrait(golden, guard)));
  return isExcused ? [] : [{ code: "fact_missing", detail: `${path} ${isNothing(value) ? "is not known" : "is there but is no date"}` }];
}

const readTrait = ({ traits }: GoldenRecord, path: string): unknown => readAsText(traits, splitPath(path));

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === "";
