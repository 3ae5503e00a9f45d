import type { BuiltInSignalType } from "../domain/entities/built-ins.ts";
import { ASK } from "../domain/entities/signal.ts";
import { idFrom } from "../domain/entities/wake.ts";
import { isObject, type Json, type JsonObject } from "../domain/values/json.ts";
import { DAY, type Instant, iso, parseInstant } from "../domain/values/time.ts";
import type { FutureSignal } from "./future.ts";

/** What a recorded signal said, and who sent it, by her place among the customers. */
export interface Datum {
  readonly by: number;
  readonly source: string;
  readonly at: Instant;
  readonly data: JsonObject;
}

/** What is known of the data of a type, so that what is drawn from it fits another time and another customer. */
export interface DataRules {
  /** Fields that never held the same value twice: ids. */
  readonly ids: readonly string[];
  /** Values of traits that several customers had, as `path = value`: only these are given to another customer. */
  readonly shared: ReadonlySet<string>;
}

/** Learns the rules of a type from what was seen of it. */
export const rulesOf = (seen: readonly Datum[]): DataRules => ({ ids: idsAmong(seen), shared: sharedAmong(seen) });

/** For whom and when something is drawn. */
export interface Redrawn {
  readonly customerId: string;
  /** Whether it was hers. */
  readonly isOwn: boolean;
  readonly at: Instant;
  /** What ids are made from: nothing else in the future has the same. */
  readonly key: string;
  /** Her latest signal of the type, where it was hers. */
  readonly latest: Datum;
}

/**
 * What a signal says that is like a recorded one: ids become unique; dates since a week before the recorded one move with it; a record is
 * told again what it was told last. Of another customer's traits only values that several had are kept, and no identities.
 */
export function redrawn(datum: Datum, type: string, rules: DataRules | undefined, like: Redrawn): JsonObject {
  const { ids, shared } = rules ?? NO_RULES;
  const { customerId, isOwn, latest, at, key } = like;
  const isId = (field: string): boolean => ids.includes(field) || NAMES_OF_ITS_OWN.includes(field);
  const fields = Object.entries(datum.data).filter(([field]) => !LEFT_OUT.includes(field));
  const moved: JsonObject = Object.fromEntries(
    fields.map(([field, value]) => [
      field,
      typeof value === "string" && isId(field) ? idFrom("f", key, field) : shifted(value, datum.at, at, OF_A_SIGNAL),
    ]),
  );
  if (type === ASK) moved.customer = customerId;
  if (datum.data.traits === undefined) return moved;
  const said = isOwn ? latest.data.traits : sharedOf(datum.data.traits, shared);
  return said === undefined ? moved : { ...moved, traits: shifted(said, latest.at, at, OF_A_RECORD) };
}

/** A signal of a future. */
export const futureSignal = (
  type: string,
  { source }: Pick<Datum, "source">,
  { customerId, at, key }: Pick<Redrawn, "customerId" | "at" | "key">,
  data: JsonObject,
): FutureSignal => ({ source, id: idFrom("f", key), type, customerId, time: at, data });

export const CASE_OPENED = "case.opened" satisfies BuiltInSignalType;
export const CASE_CLOSED = "case.closed" satisfies BuiltInSignalType;

// --- internal ---

const NO_RULES: DataRules = { ids: [], shared: new Set() };

/** Fewer values may differ by chance. */
const FEWEST_IDS = 3;

/** Of the delivery, the provider or the customer that the recorded signal was about. */
const LEFT_OUT: readonly string[] = ["deliveryId", "providerId", "identities", "traits"];

const OF_A_SIGNAL: Reach = { before: 7 * DAY, after: Number.POSITIVE_INFINITY };
/** A date near the signal tells when it came; any other is a fact that does not move. */
const OF_A_RECORD: Reach = { before: DAY, after: DAY };

/** Name something that one customer has once. */
const NAMES_OF_ITS_OWN: readonly string[] = ["caseId", "thread"];

function idsAmong(seen: readonly Datum[]): string[] {
  const values = new Map<string, string[]>();
  for (const [field, value] of seen.flatMap(({ data }) => Object.entries(data))) {
    if (typeof value !== "string") continue;
    const known = values.get(field);
    if (known) known.push(value);
    else values.set(field, [value]);
  }
  const isDistinct = (all: readonly string[]): boolean => new Set(all).size === all.length && all.every(isIdLike);
  return [...values].filter(([, all]) => all.length >= FEWEST_IDS && isDistinct(all)).map(([field]) => field);
}

function sharedAmong(seen: readonly Datum[]): ReadonlySet<string> {
  const owners = new Map<string, number>();
  const shared = new Set<string>();
  for (const { by, data } of seen) {
    for (const trait of data.traits === undefined ? [] : leavesOf(data.traits)) {
      const owner = owners.get(trait) ?? by;
      owners.set(trait, owner);
      if (owner !== by) shared.add(trait);
    }
  }
  return shared;
}

/** A word with a digit that is no date. */
const isIdLike = (text: string): boolean => /^[\w.:/#-]*\d[\w.:/#-]*$/.test(text) && !isDate(text);

const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(text);

/** Every value of nested traits, as `path = value`. */
function leavesOf(value: Json, path = ""): string[] {
  if (isObject(value)) return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner as Json, `${path}\n${name}`));
  return [`${path} = ${JSON.stringify(value)}`];
}

function sharedOf(value: Json | undefined, shared: ReadonlySet<string>, path = ""): Json | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) return shared.has(`${path} = ${JSON.stringify(value)}`) ? value : undefined;
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const one = sharedOf(inner as Json, shared, `${path}\n${name}`);
    return one === undefined ? [] : [[name, one] as const];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Which dates move: those from so long before a signal until so long after it. */
interface Reach {
  readonly before: number;
  readonly after: number;
}

/** Moves dates with their signal: what is past by as much as the signal, what is to come by whole days, so that it stays at its hour. */
function shifted(value: Json, from: Instant, to: Instant, reach: Reach): Json {
  if (Array.isArray(value)) return value.map((one) => shifted(one, from, to, reach));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shifted(inner as Json, from, to, reach)]));
  if (typeof value !== "string" || !isDate(value)) return value;
  const day = parseInstant(`${value.slice(0, 10)}T00:00:00Z`);
  if (day === undefined) return value;
  const exact = parseInstant(value);
  const at = exact ?? day;
  if (at < startOf(from) - reach.before || at > from + reach.after) return value;
  if (exact !== undefined && exact <= from) return iso(exact + to - from);
  return iso(day + startOf(to) - startOf(from)).slice(0, 10) + value.slice(10);
}

const startOf = (at: Instant): Instant => Math.floor(at / DAY) * DAY;
