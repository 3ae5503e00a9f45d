import type { Claim, Claims, FieldRule, RecordRules } from "../entities/claims.ts";
import { entryOf, type Json, type JsonObject, sameJson } from "../values/json.ts";
import { pathsAbove, placeAt, readPath, splitPath } from "../values/path.ts";
import { DAY, formatDuration, HOUR, type Instant, iso, MINUTE, SECOND } from "../values/time.ts";

/** What one source says about a field, and since when. */
export interface Word {
  readonly source: string;
  readonly value: Json;
  readonly at: Instant;
}

export type Field =
  | ({ readonly state: "ok" } & Word)
  /** `others`: what other sources say, where it differs. */
  | ({ readonly state: "stale"; readonly others: readonly Word[] } & Word)
  /** `best`: the word that would win if disagreement did not hold the field. */
  | { readonly state: "conflict"; readonly detail: string; readonly best: Word; readonly others: readonly Word[] };

export interface GoldenRecord {
  readonly traits: JsonObject;
  readonly fields: ReadonlyMap<string, Field>;
  /** The winning claim of each path; its value is null where it removes the field. */
  readonly winning: ReadonlyMap<string, Claim>;
}

/**
 * The value of every field at `now`. Fields that are removed, or held because sources disagree, are not in `traits`. It is kept with the claims
 * until a value of them becomes too old: a wake reads it several times, and most wakes say nothing new.
 */
export function goldenRecord(claims: Claims, rules: RecordRules, now: Instant): GoldenRecord {
  const known = kept.get(claims);
  if (known && known.rules === rules && known.from <= now && now <= known.until) return known.golden;
  const golden = resolved(claims, rules, now);
  kept.set(claims, { rules, golden, ...validity(claims, rules, now) });
  return golden;
}

/** The rule of a field: its own, or that of the nearest field above it, or `last_updated`. */
export function ruleFor(path: string, { fields }: RecordRules): FieldRule {
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const rule = fields[path.slice(0, end)];
    if (rule && Object.hasOwn(fields, path.slice(0, end))) return rule;
  }
  return LAST_UPDATED;
}

/** Every field covered by a read of `path`: the field itself, the value that contains it, or all fields below it; "" covers the whole record. */
export function fieldsRead({ fields }: GoldenRecord, path: string): [string, Field][] {
  if (path === "") return [...fields];
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const field = fields.get(path.slice(0, end));
    if (field) return [[path.slice(0, end), field]];
  }
  return [...fields].filter(([known]) => known.startsWith(`${path}.`));
}

// --- internal ---

interface Kept {
  readonly rules: RecordRules;
  readonly golden: GoldenRecord;
  /** The first and the last instant at which it is the same. */
  readonly from: Instant;
  readonly until: Instant;
}

const kept = new WeakMap<Claims, Kept>();

/** The time around `now` in which no value of these claims becomes too old, by whichever rule: a claim also speaks for paths above and below it. */
function validity(claims: Claims, { fields }: RecordRules, now: Instant): Pick<Kept, "from" | "until"> {
  const ages = agesOf(fields);
  if (ages.length === 0) return ALWAYS;
  let { from, until } = ALWAYS;
  const times = Object.values(claims).flatMap((bySource) => Object.values(bySource).map(({ at }) => at));
  for (const age of ages) {
    for (const at of times) {
      if (at + age < now) from = Math.max(from, at + age + 1);
      else until = Math.min(until, at + age);
    }
  }
  return { from, until };
}

const ALWAYS = { from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** The ages allowed by the rules of a policy, each once. */
function agesOf(fields: RecordRules["fields"]): readonly number[] {
  const known = agesKnown.get(fields);
  if (known) return known;
  const ages = [...new Set(Object.values(fields).flatMap(({ maxAge }) => maxAge ?? []))];
  agesKnown.set(fields, ages);
  return ages;
}

const agesKnown = new WeakMap<RecordRules["fields"], readonly number[]>();

function resolved(claims: Claims, rules: RecordRules, now: Instant): GoldenRecord {
  const fields = new Map<string, Field>();
  const winning = new Map<string, Claim>();
  const winners: Placed[] = [];
  for (const [path, bySource] of Object.entries(withImplied(claims))) {
    const winner = resolve(bySource, ruleFor(path, rules), rules.sources, now);
    const field = winner && fieldOf(winner);
    if (field) fields.set(path, field);
    if (!winner || winner.detail !== undefined) continue;
    winning.set(path, winner.claim);
    if (isPlaced(winner.claim)) winners.push({ path, claim: winner.claim });
  }
  const traits = treeOf(winners);
  dropHidden(fields, traits);
  return { traits, fields, winning };
}

interface Placed {
  readonly path: string;
  readonly claim: Claim;
}

const LAST_UPDATED: FieldRule = { rule: "last_updated", onConflict: "resolve" };

const isNewer = (a: Claim, b: Claim): boolean => a.at > b.at || (a.at === b.at && a.seq > b.seq);

const claimOf = (claims: Claims, path: string, source: string): Claim | undefined => entryOf(entryOf(claims, path) ?? {}, source);

/**
 * Adds implied claims: a plain value or null for a path implies that nothing is below it; a field below a path implies that the path
 * is an object. So the result does not depend on the order of statements.
 */
function withImplied(claims: Claims): Claims {
  const implied: Record<string, Readonly<Record<string, Claim>>> = { ...claims };
  for (const [below, claimsBelow] of Object.entries(claims)) {
    for (const above of pathsAbove(below)) {
      const claimsAbove = entryOf(claims, above);
      if (!claimsAbove) continue;
      imply(implied, below, claimsAbove, () => null);
      imply(implied, above, claimsBelow, (value) => (value === null ? undefined : AN_OBJECT));
    }
  }
  return implied;
}

/** Implied value of a path with fields below it. The object exists only if one of its fields does. */
const AN_OBJECT: Json = {};

const isPlaced = ({ value }: Claim): boolean => value !== null && value !== AN_OBJECT;

/** Adds claims on another path as the same source's claims on this one, unless the source has a newer one here. */
function imply(
  claims: Record<string, Readonly<Record<string, Claim>>>,
  path: string,
  bySource: Readonly<Record<string, Claim>>,
  meaningOf: (value: Json) => Json | undefined,
): void {
  for (const [source, claim] of Object.entries(bySource)) {
    const value = meaningOf(claim.value);
    const own = claimOf(claims, path, source);
    if (value !== undefined && (!own || isNewer(claim, own))) claims[path] = { ...claims[path], [source]: { ...claim, value } };
  }
}

type Sourced = { source: string; claim: Claim };
type Winner = Sourced & { stale: boolean; detail?: string; others?: readonly Sourced[] };

function resolve(bySource: Readonly<Record<string, Claim>>, rule: FieldRule, order: readonly string[], now: Instant): Winner | undefined {
  const only = onlyWord(bySource);
  // Mostly one source says it, and nothing is too old.
  if (only && (rule.maxAge === undefined || now - only.claim.at <= rule.maxAge))
    return { source: only.source, claim: only.claim, stale: false };
  // Sorted by name: the order in which a store returns them must not show.
  const all = Object.entries(bySource)
    .map(([source, claim]) => ({ source, claim }))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
  const fresh = all.filter(({ claim }) => rule.maxAge === undefined || now - claim.at <= rule.maxAge);
  if (fresh.length === 0) {
    const newest = all.reduce<Sourced | undefined>((best, one) => (!best || isNewer(one.claim, best.claim) ? one : best), undefined);
    return newest && { ...newest, stale: true, others: differing(all, newest) };
  }
  const ranks = rule.rule === "source_sequence" ? (rule.sources ?? order) : [];
  const rank = (source: string) => (ranks.includes(source) ? ranks.indexOf(source) : ranks.length);
  const best = (of: readonly Sourced[]) =>
    of.reduce((winner, one) => {
      const difference = rank(one.source) - rank(winner.source);
      return difference < 0 || (difference === 0 && isNewer(one.claim, winner.claim)) ? one : winner;
    });
  const stated = rule.onConflict === "hold" ? fresh.filter(({ claim }) => claim.value !== null) : [];
  if (stated.some(({ claim }) => !sameJson(claim.value, stated[0]?.claim.value))) {
    const winner = best(stated);
    return { ...winner, stale: false, detail: disagreement(stated), others: differing(stated, winner) };
  }
  return { ...best(fresh), stale: false };
}

function onlyWord(bySource: Readonly<Record<string, Claim>>): Sourced | undefined {
  const [source, ...others] = Object.keys(bySource);
  const claim = source === undefined || others.length > 0 ? undefined : bySource[source];
  return source !== undefined && claim ? { source, claim } : undefined;
}

const differing = (all: readonly Sourced[], { claim: { value } }: Sourced): Sourced[] =>
  all.filter(({ claim }) => isPlaced(claim) && !sameJson(claim.value, value));

function disagreement(stated: readonly Sourced[]): string {
  return stated.map(({ source, claim }) => `${source} says ${JSON.stringify(claim.value)} (${iso(claim.at)})`).join(", ");
}

function fieldOf({ source, claim, stale, detail, others = NONE }: Winner): Field | undefined {
  if (detail !== undefined) return { state: "conflict", detail, best: wordOf({ source, claim }), others: others.map(wordOf) };
  if (!isPlaced(claim)) return undefined;
  const { value, at } = claim;
  return stale ? { state: "stale", value, source, at, others: others.map(wordOf) } : { state: "ok", value, source, at };
}

const NONE: readonly Sourced[] = [];

const wordOf = ({ source, claim: { value, at } }: Sourced): Word => ({ source, value, at });

/** Nested objects from the winning values. Where one path lies inside another's value, the newer of the two stands. */
function treeOf(winners: Placed[]): JsonObject {
  const root: JsonObject = {};
  if (!winners.every((one, place) => place === 0 || inOrder(winners[place - 1] as Placed, one) < 0)) winners.sort(inOrder);
  for (const { path, claim } of winners) placeAt(root, splitPath(path), claim.value);
  return root;
}

const inOrder = (a: Placed, b: Placed): number => a.claim.at - b.claim.at || a.claim.seq - b.claim.seq || (a.path < b.path ? -1 : 1);

/** Drops fields whose value is hidden in the record by a newer value above or below them. */
function dropHidden(fields: Map<string, Field>, traits: JsonObject): void {
  for (const [path, field] of fields) {
    if (field.state !== "conflict" && readPath(traits, splitPath(path)) !== field.value) fields.delete(path);
  }
}

/** Age of a value for messages, in whole days, hours or minutes. */
export function ageOf(at: Instant, now: Instant): string {
  const age = Math.max(0, now - at);
  const unit = [DAY, HOUR, MINUTE].find((one) => age >= one) ?? SECOND;
  return formatDuration(Math.floor(age / unit) * unit);
}
