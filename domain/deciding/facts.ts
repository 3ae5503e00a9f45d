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
import type { Scopes } from "../values/condition.ts";
import type { JsonObject } from "../values/json.ts";
import { readAsText, splitPath } from "../values/path.ts";
import { type Instant, iso, timeIn } from "../values/time.ts";
import type { Hold } from "./timing.ts";

/**
 * Holds for what an experience reads on one of its routes: facts that are missing, too old, or in conflict, and other reads without a
 * value. The text of a task is held by missing facts only: people are told which ones are stale or disputed, and can look them up.
 * What an action or an assistant does by itself nobody looks up first.
 *
 * @param subject whose scope is made only where a text reads more than facts
 */
export function heldByReads(
  experience: Experience,
  { route, rule }: { readonly route: Route; readonly rule: Pick<ChannelRule, "makesTask"> },
  golden: GoldenRecord,
  subject: Scopes<ContentScope>,
  now: Instant,
): readonly Hold[] {
  const own = heldByContent(route.content, rule.makesTask, golden, subject, now);
  if (!experience.action && !experience.converse) return own;
  const [, ...others] = contentsOf(experience, route);
  return [...own, ...others.flatMap((content) => heldByContent(content, false, golden, subject, now))];
}

/** Whether a value that a text reads counts as missing: empty, or not a date where it is printed as one. */
export const isMissing = ({ isDate }: FactRead, value: unknown): boolean => isNothing(value) || (isDate && isNoDate(value));

/** Whether a value exists and cannot be printed as a date. */
export const isNoDate = (value: unknown): boolean => !isNothing(value) && timeIn(value) === undefined;

/** The facts that texts state, with their sources. With `doubted`, also stale and disputed ones, and what is doubtful about them. */
export function statedFacts(contents: readonly Content[], golden: GoldenRecord, doubted?: Doubted): Record<string, StatedFact> {
  const stated: [string, StatedFact][] = [];
  for (const { facts } of contents) for (const { path } of facts) stateFact(path, golden, doubted, stated);
  return Object.fromEntries(stated);
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

/** @param isTask whether it is the text of a task */
function heldByContent(
  content: Content,
  isTask: boolean,
  golden: GoldenRecord,
  subject: Scopes<ContentScope>,
  now: Instant,
): readonly Hold[] {
  const doubted = isTask ? heldByMissingFacts(content, golden) : heldByFacts(content, golden, now);
  const needed = heldByNeeds(content, subject);
  return doubted.length + needed.length > 0 ? [...doubted, ...needed] : NOTHING;
}

function stateFact(path: string, golden: GoldenRecord, doubted: Doubted | undefined, stated: [string, StatedFact][]): void {
  for (const [name, field] of fieldsRead(golden, path)) {
    if (field.state === "conflict" && !doubted) continue;
    const { value, source, at } = field.state === "conflict" ? field.best : field;
    const doubt = doubted && doubtInWords(name, field, doubted.rules, doubted.now);
    const fact = { value, source, at: iso(at) };
    stated.push([name, doubt === undefined ? fact : { ...fact, doubt }]);
  }
}

function heldByFacts({ facts }: Content, golden: GoldenRecord, now: Instant): readonly Hold[] {
  let holds: readonly Hold[] = NOTHING;
  for (const read of facts) {
    const doubts = heldByDoubts(read, golden, now);
    const more = doubts.length > 0 ? doubts : missing(read, golden);
    if (more.length > 0) holds = [...holds, ...more];
  }
  return holds;
}

function heldByMissingFacts({ facts }: Content, golden: GoldenRecord): readonly Hold[] {
  if (facts.length === 0) return NOTHING;
  const known = withDisputed(golden);
  return facts.flatMap((read) => missing(read, known));
}

/** Holds for other reads of a text that have no value: fields of the moment or the signal. */
function heldByNeeds({ needs, dates, roots }: Content, subject: Scopes<ContentScope>): readonly Hold[] {
  if (needs.length + dates.length === 0) return NOTHING;
  const scope = subject.whole(!roots.has("experience"));
  if (needs.every((path) => !isNothing(readAsText(scope, path))) && dates.length === 0) return NOTHING;
  const missing = needs
    .filter((path) => isNothing(readAsText(scope, path)))
    .map((path): Hold => ({ code: "content_rejected", detail: `${path.join(".")} is missing, and the text reads it` }));
  const wrong = dates
    .filter(({ path, optional }) => !optional && path[0] !== "action" && isNoDate(readAsText(scope, path)))
    .map(
      ({ path }): Hold => ({
        code: "content_rejected",
        detail: `${path.join(".")} is there but is no date, and the text prints it as one`,
      }),
    );
  return [...missing, ...wrong];
}

function heldByDoubts({ path }: FactRead, golden: GoldenRecord, now: Instant): readonly Hold[] {
  if (golden.fields.get(path)?.state === "ok") return NOTHING;
  return fieldsRead(golden, path).flatMap(([name, field]): Hold[] => {
    if (field.state === "conflict") return [{ code: "fact_conflict", detail: `${name}: ${field.detail}` }];
    return field.state === "stale" ? [{ code: "fact_stale", detail: `${name} is ${ageOf(field.at, now)} old (${field.source})` }] : [];
  });
}

function missing(read: FactRead, golden: GoldenRecord): readonly Hold[] {
  const { path, optional, unless } = read;
  if (optional) return NOTHING;
  const value = readTrait(golden, path);
  if (!isMissing(read, value)) return NOTHING;
  const isExcused = unless.some((guard) => isNothing(readTrait(golden, guard)));
  return isExcused ? [] : [{ code: "fact_missing", detail: `${path} ${isNothing(value) ? "is not known" : "is there but is no date"}` }];
}

const readTrait = ({ traits }: GoldenRecord, path: string): unknown => readAsText(traits, splitPath(path));

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === "";
