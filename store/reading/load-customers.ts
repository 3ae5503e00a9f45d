import type { UndeliverableAddress } from "../../domain/entities/address.ts";
import type { Claims } from "../../domain/entities/claims.ts";
import type { Consent } from "../../domain/entities/consent.ts";
import {
  type Approval,
  type Asked,
  type Counted,
  type Customer,
  counts,
  type DeliveryNote,
  type Identity,
  type KeptStage,
  type Moment,
  type Origin,
  type Outcome,
  type Promised,
  type Seen,
  type Standing,
  type Timer,
  type Touch,
} from "../../domain/entities/customer.ts";
import type { Offer } from "../../domain/entities/offer.ts";
import type { OmittedTraits } from "../../domain/entities/omitted-traits.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { ABOUT_ANYTHING, type About, lookBackOf } from "../../domain/moments/look-back.ts";
import { compose } from "../../domain/record/merge.ts";
import { byText, inOrder, ORDER } from "../../domain/record/order.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Mutable } from "../../domain/values/mutable.ts";
import { storableJson } from "../../domain/values/storable.ts";
import { type Instant, iso } from "../../domain/values/time.ts";
import type { Pool, Queryable } from "../engines/database.ts";
import { membersOf } from "./links.ts";
import { type Packed, type PackedValues, packed, unpackAll } from "./packed.ts";
import { type PastRead, pastOf } from "./past.ts";
import { addUp, countsFrom, countsOf, isTallied, LOT } from "./tallies.ts";

/** The part of the history that decisions under a policy need; the rest stays in the store. */
export interface Horizon extends PastRead {
  /** Start of the window for touches. */
  readonly touchesSince: Instant;
}

/** When loaded customers are decided, and what about. */
export interface Purpose {
  /** The latest instant; the earliest one where it is missing. */
  readonly latest?: Instant;
  /** What their wakes are about; by default nothing is known of them. */
  readonly about?: About;
}

export function horizonOf(policy: Policy, from: Instant, { latest: to = from, about = ABOUT_ANYTHING }: Purpose = {}): Horizon {
  return {
    touchesSince: from - policy.touchWindow,
    lookBack: lookBackOf(policy),
    about,
    from,
    to,
  };
}

/**
 * Loads the customers with these ids, each with everything that a decision needs, in one statement. A merged id returns its root, and
 * a root is composed of all customers merged into it.
 */
export async function loadCustomers(db: Pool, ids: readonly string[], horizon: Horizon): Promise<Map<string, Customer>> {
  const rows = await loadRows(db, ids, horizon);
  const linked = rows.filter(({ root_id }) => root_id !== null);
  const customers = new Map(rows.map((row) => [row.customer_id, customerOf(row)]));
  return linked.length === 0 ? customers : composed(customers, linked);
}

/** The records of customers alone, of merged ones composed: without what happened to them, which may be thousands of rows. */
export async function loadRecords(db: Queryable, ids: readonly string[]): Promise<Map<string, CustomerRecord>> {
  const { rows } = await db.query<Row>(RECORDS, [ids]);
  const customers = new Map(rows.map((row) => [row.customer_id, customerOf(row)]));
  const linked = rows.filter(({ root_id }) => root_id !== null);
  return linked.length === 0 ? customers : composed(customers, linked);
}

export type CustomerRecord = Pick<Customer, "customerId" | "claims">;

/** The same without composing merged customers: each with its own source record. */
export async function loadUnmerged(db: Pool, ids: readonly string[], horizon: Horizon): Promise<Map<string, Customer>> {
  const rows = await loadRows(db, ids, horizon);
  return new Map(rows.filter(({ customer_id }) => ids.includes(customer_id)).map((row) => [row.customer_id, customerOf(row)]));
}

/** An instant as the parameter of a statement; a round writes the same few times many times, and `iso` keeps them. */
export const toTime = iso;

/** A delivery as rules read it, by the alias of its row. Features are given until it has taught. */
export const noteColumns = (d: string, stated = "null::json"): Packed<NoteRow> =>
  packed<NoteRow>({
    deliveryId: `${d}.delivery_id`,
    experienceId: `${d}.experience_id`,
    channel: `${d}.channel`,
    department: `${d}.department`,
    variant: `${d}.variant`,
    learnsAs: `${d}.learns_as`,
    to: `${d}.address`,
    status: `${d}.status`,
    at: `to_ms(${d}.reserved_at)`,
    moments: `${d}.moments`,
    features: `case when not ${d}.taught then ${d}.features end`,
    stated,
    asked: `${d}.asked`,
  });

export type NoteRow = Omit<DeliveryNote, "department" | "variant" | "learnsAs" | "to" | "stated" | "features" | "asked"> & {
  department: string | null;
  variant: string | null;
  learnsAs: string | null;
  to: string | null;
  stated: JsonObject | null;
  features: readonly string[] | null;
  asked: Asked | null;
};

/** The delivery of a row. */
export function noteOf(row: NoteRow): DeliveryNote {
  const { deliveryId, experienceId, channel, status, at, moments } = row;
  const note: Mutable<DeliveryNote> = { deliveryId, experienceId, channel, status, at, moments };
  if (row.department !== null) note.department = row.department;
  if (row.variant !== null) note.variant = row.variant;
  if (row.learnsAs !== null) note.learnsAs = row.learnsAs;
  if (row.to !== null) note.to = row.to;
  if (row.features) note.features = row.features;
  if (row.stated) note.stated = row.stated;
  if (row.asked) note.asked = row.asked;
  return note;
}

/** An outcome, by the alias of its row. */
export const outcomeColumns = (o: string): Packed<OutcomeRow> =>
  packed<OutcomeRow>({
    deliveryId: `${o}.delivery_id`,
    experienceId: `${o}.experience_id`,
    channel: `${o}.channel`,
    kind: `${o}.kind`,
    at: `to_ms(${o}.at)`,
    department: `${o}.department`,
  });

export type OutcomeRow = Omit<Outcome, "department"> & { department: string | null };

/** A row of a department, or of none. */
export function withoutNullDepartment<T extends { department: string | null }>(row: T): Omit<T, "department"> & { department?: string } {
  if (row.department !== null) return row as T & { department: string };
  const { department: _none, ...rest } = row;
  return rest;
}

// --- internal ---

async function loadRows(db: Pool, ids: readonly string[], horizon: Horizon): Promise<readonly Row[]> {
  const { text, params } = loading(ids, horizon);
  const { rows } = await (db.sharing ?? db).query<Row>(text, params);
  await addUpLoose(db, rows, horizon.from);
  return rows;
}

/** Adding up only makes later counts cheaper: where it fails, the next load tries again. */
async function addUpLoose(db: Pool, rows: readonly Row[], upTo: Instant): Promise<void> {
  const loose = rows.flatMap(({ customer_id: customerId, counted }) => {
    const types = (counted ?? []).flatMap(({ type, loose: left }) => (left >= 2 * LOT ? [type] : []));
    return types.length > 0 ? [{ customerId, types: [...new Set(types)] }] : [];
  });
  await addUp(db, loose, upTo).catch(() => {});
}

interface Row {
  customer_id: string;
  root_id: string | null;
  version: number;
  origin: Origin;
  claims: Claims;
  seen: Record<string, Seen>;
  openings: Record<string, number>;
  standing: Standing | null;
  stage: KeptStage | null;
  left_out: OmittedTraits | null;
  identities: PackedValues[] | null;
  gone: PackedValues[] | null;
  consents: PackedValues[] | null;
  moments: PackedValues[] | null;
  promises: Promised[] | null;
  cases: string[] | null;
  touches: PackedValues[] | null;
  deliveries: PackedValues[] | null;
  outcomes: PackedValues[] | null;
  approvals: Approval[] | null;
  offers: Offer[] | null;
  timers: PackedValues[] | null;
  used: Record<string, number> | null;
  counted?: CountRow[] | null;
  counted_else?: CountRow[] | null;
}

type ConsentRow = Omit<Consent, "reason"> & { reason: string | null };
type TouchRow = Omit<Touch, "department"> & { department: string | null };
type TimerRow = Timer & { key: string };

interface CountRow {
  type: string;
  span: number;
  sure: number;
  edge: number[] | null;
  loose: number;
}

const IDENTITY = packed<Identity>({
  ...{ type: "i.type", value: "i.value", source: "i.source", at: "to_ms(i.at)", seq: "i.seq", place: "i.place", owned: "i.owned" },
});

const CONSENT = packed<ConsentRow>({
  ...{ channel: "n.channel", status: "n.status", at: "to_ms(n.at)", source: "n.source", seq: "n.seq", reason: "n.reason" },
});

const GONE = packed<UndeliverableAddress>({ type: "g.type", value: "g.value", at: "to_ms(g.at)", source: "g.source", reason: "g.reason" });

const MOMENT = packed<Moment>({
  ...{ momentId: "m.moment_id", name: "m.name", openedAt: "to_ms(m.opened_at)", expiresAt: "to_ms(m.expires_at)", urgency: "m.urgency" },
  ...{ data: "m.data", openedBy: "m.opened_by", openedOn: "m.opened_on", openedSeq: "m.opened_seq", confidence: "m.confidence" },
  decidedBy: "m.decided_by",
});

const TOUCH = packed<TouchRow>({
  ...{ touchId: "t.touch_id", at: "to_ms(t.at)", kind: "t.kind", channel: "t.channel", department: "t.department" },
});

const NOTE = noteColumns("d");
const OUTCOME = outcomeColumns("o");
const TIMER = packed<TimerRow>({ key: "r.key", name: "r.name", due: "to_ms(r.due)" });

const RECORDS = `
select c.customer_id, k.root_id, c.version::float8 as version, c.origin, c.claims, c.seen, c.openings, c.standing, c.stage, c.left_out
from customers c left join links k on k.customer_id = c.customer_id
where c.customer_id = any(${membersOf("$1::text[]")})`;

/**
 * Lists come in any order and are put in theirs by us: the server makes ready to sort for each of a customer's lists, also for an empty one.
 * One statement for a whole batch: in the embedded engine a round trip costs more than its rows. What the policy and the wakes do not ask for
 * is left out of it; there are few such texts, as none is built from data.
 */
function loading(ids: readonly string[], horizon: Horizon): { readonly text: string; readonly params: readonly unknown[] } {
  const { from, to, touchesSince, about, lookBack } = horizon;
  const params: unknown[] = [];
  const $ = (value: unknown): string => `$${params.push(value)}`;
  const asked = $(ids);
  const past = pastOf(horizon, $);
  const pairs = lookBack.counted.map(([type, span]) => ({
    type,
    span,
    low: toTime(from - span),
    high: toTime(to - span),
    tallied: isTallied(type),
  }));
  const q = pairs.length > 0 ? PAIRS($(storableJson(pairs))) : "";
  const text = `
select c.customer_id, k.root_id, c.version::float8 as version, c.origin, c.claims, c.seen, c.openings, c.standing, c.stage, c.left_out,
  (select json_agg(${IDENTITY.sql}) from identities i where i.customer_id = c.customer_id) as identities,
  (select json_agg(${CONSENT.sql}) from consents n where n.customer_id = c.customer_id) as consents,
  (select json_agg(${GONE.sql}) from gone_addresses g where g.customer_id = c.customer_id) as gone,
  (select json_agg(${MOMENT.sql}) from moments m where m.customer_id = c.customer_id and m.ended is null) as moments,
  (select json_agg(json_build_object('promiseId', p.promise_id, 'name', p.name, 'owner', p.owner, 'openedAt', to_ms(p.opened_at), 'due', to_ms(p.due),
            'openedBy', p.opened_by, 'words', p.words, 'overdue', p.overdue))
     from promises p where p.customer_id = c.customer_id and p.ended is null) as promises,
  (select json_agg(k.case_id order by k.opened_at, k.case_id) from cases k where k.customer_id = c.customer_id and k.closed_at is null) as cases,
  (select json_agg(${TOUCH.sql})
     from touches t where t.customer_id = c.customer_id and t.counted and t.at > ${$(toTime(touchesSince))}::timestamptz) as touches,
  (select json_agg(${noteColumns("d", lookBack.stated === undefined ? undefined : STATED).sql})
     from deliveries d where d.delivery_id = any(past.ids)) as deliveries,
  ${past.used} as used,
  (select json_agg(${OUTCOME.sql})
     from ${lookBack.runs.length > 0 ? OUTCOMES_AND_RUNS : OUTCOMES}) as outcomes,
  (select json_agg(json_strip_nulls(json_build_object('approvalId', a.approval_id, 'experienceId', a.experience_id, 'momentId', a.moment_id,
            'state', a.state, 'reason', a.reason, 'askedAt', to_ms(a.asked_at), 'channel', a.channel, 'variant', a.variant)))
     from moments m join approvals a on a.customer_id = c.customer_id and a.moment_id = m.moment_id and a.state <> 'lapsed'
    where m.customer_id = c.customer_id and m.ended is null) as approvals,
  (select json_agg(o.terms || jsonb_build_object('code', o.code, 'issuedAt', to_ms(o.issued_at), 'expiresAt', to_ms(o.expires_at)) ||
            case when o.redeemed_by is null then '{}' else jsonb_build_object('redeemedBy', o.redeemed_by, 'redeemedAt', to_ms(o.redeemed_at)) end)
     from offers o where o.code = any(array(${about.isWhole ? ALL_OFFERS : offersOf($(toTime(from)), about.codes.length > 0 ? $(about.codes) : undefined)}))) as offers,
  (select json_agg(${TIMER.sql}) from timers r where r.customer_id = c.customer_id) as timers${
    pairs.some(({ tallied }) => tallied) ? `,\n  (${countsOf(q)}) as counted` : ""
  }${pairs.some(({ tallied }) => !tallied) ? `,\n  (${countsFrom(q, SIGNALS_AND_DERIVED)}) as counted_else` : ""}
from customers c left join links k on k.customer_id = c.customer_id${past.joins}
where c.customer_id = any(${membersOf(`${asked}::text[]`)})`;
  return { text, params };
}

const STATED = "(select json_object_agg(f.key, f.value -> 'value') from jsonb_each(d.facts) f)";

const OUTCOMES = "outcomes o where o.delivery_id = any(past.ids)";

const OUTCOMES_AND_RUNS = `(
       select o.* from ${OUTCOMES}
       union
       select o.* from unnest(past.runs) r (name)
         join outcomes o on o.delivery_id = substr(r.name, strpos(r.name, ':') + 1) and o.kind = split_part(r.name, ':', 1)) o`;

const ALL_OFFERS = "select g.code from offers g where g.customer_id = c.customer_id";

/** Offers that can be redeemed, those that were while a moment was open, and those that a signal names, with what they include. */
const offersOf = (now: string, codes: string | undefined): string => `
      select g.code from offers g where g.customer_id = c.customer_id and g.expires_at > ${now}::timestamptz and g.redeemed_by is null
      union
      select r.code from (select min(m.opened_at) as since from moments m where m.customer_id = c.customer_id and m.ended is null) m
        join offers r on r.customer_id = c.customer_id and r.redeemed_by is not null and r.redeemed_at >= m.since${
          codes === undefined
            ? ""
            : `
      union
      select n.code from offers n where n.customer_id = c.customer_id and n.code = any(${codes}::text[])
      union
      select i.code from offers n cross join lateral jsonb_array_elements_text(n.terms -> 'includes') i (code)
       where n.customer_id = c.customer_id and n.code = any(${codes}::text[])`
        }`;

const PAIRS = (list: string): string =>
  `jsonb_to_recordset(${list}::jsonb) as q (type text, span float8, low timestamptz, high timestamptz, tallied boolean)`;

/** A hand-over counts once its wake is decided, and a provider's `delivery.sent` does not count it twice. */
const SIGNALS_AND_DERIVED = `(
  select customer_id, type, time from signals s
   where type <> 'delivery.sent' or not exists (select 1 from deliveries d where d.delivery_id = s.event->'data'->>'deliveryId' and d.customer_id = s.customer_id)
  union all
  select customer_id, 'stage.changed', at from stage_changes
  union all
  select customer_id, 'delivery.' || kind, at from outcomes where kind in ('ignored', 'converted')
  union all
  select d.customer_id, w.type, case when d.status = 'failed' then d.settled_at else d.reserved_at end
    from deliveries d cross join lateral (select case when d.status = 'failed' then 'delivery.failed' else 'delivery.sent' end as type) w
   where d.status in ('sent', 'delivered', 'bounced', 'failed')
     and not exists (select 1 from timers t where t.customer_id = c.customer_id and t.key = w.type || ':' || d.delivery_id)
) s`;

/** Maps each id of a merged customer to the composed customer. */
function composed(customers: ReadonlyMap<string, Customer>, linked: readonly Row[]): Map<string, Customer> {
  const all = new Map(customers);
  for (const root of new Set(linked.map(({ root_id }) => root_id ?? ""))) {
    const ids = linked.filter(({ root_id }) => root_id === root).map(({ customer_id }) => customer_id);
    const survivor = customers.get(root);
    if (!survivor) continue;
    const one = compose(
      survivor,
      ids.flatMap((id) => customers.get(id) ?? []),
    );
    for (const id of [root, ...ids]) all.set(id, one);
  }
  return all;
}

function customerOf(row: Row): Customer {
  const { consents, recent, counted, timers } = byName(row);
  const deliveries = inOrder(unpackAll(NOTE, row.deliveries).map(noteOf), ORDER.deliveries);
  const customer: Mutable<Customer> = {
    customerId: row.customer_id,
    version: row.version,
    origin: row.origin,
    claims: row.claims,
    seen: row.seen,
    openings: row.openings,
    identities: inOrder(unpackAll(IDENTITY, row.identities), ORDER.identities),
    gone: inOrder(unpackAll(GONE, row.gone), ORDER.gone),
    consents,
    recent,
    counted,
    timers,
    moments: inOrder(unpackAll(MOMENT, row.moments), ORDER.moments),
    promises: inOrder((row.promises ?? []).map(promiseOf), ORDER.promises),
    openCases: row.cases ?? [],
    touches: inOrder(unpackAll(TOUCH, row.touches).map(withoutNullDepartment), ORDER.touches),
    deliveries,
    usedBefore: usedBefore(row.used, deliveries),
    outcomes: inOrder(unpackAll(OUTCOME, row.outcomes).map(withoutNullDepartment), ORDER.outcomes),
    approvals: inOrder(row.approvals ?? [], ORDER.approvals),
    offers: inOrder(row.offers ?? [], ORDER.offers),
  };
  if (row.standing !== null) customer.standing = row.standing;
  if (row.stage !== null) customer.stage = row.stage;
  if (row.left_out !== null) customer.leftOut = row.left_out;
  return customer;
}

/** The uses that are not among the deliveries. */
function usedBefore(used: Row["used"], deliveries: readonly DeliveryNote[]): Customer["usedBefore"] {
  const rest = Object.entries(used ?? {}).map(([id, n]) => {
    const loaded = deliveries.filter(({ experienceId, status }) => experienceId === id && counts(status)).length;
    return [id, n - loaded] as const;
  });
  return Object.fromEntries(rest.filter(([, n]) => n > 0));
}

const byChannel = (a: ConsentRow, b: ConsentRow): number => byText(a.channel, b.channel);
const byKey = (a: TimerRow, b: TimerRow): number => byText(a.key, b.key);

const byName = ({
  consents,
  counted,
  counted_else: others,
  timers,
}: Row): Pick<Customer, "consents" | "recent" | "counted" | "timers"> => ({
  consents: Object.fromEntries(
    inOrder(unpackAll(CONSENT, consents), byChannel).map(({ reason, ...said }) => [
      said.channel,
      reason === null ? said : { ...said, reason },
    ]),
  ),
  recent: {},
  counted: countedOf([...(counted ?? []), ...(others ?? [])]),
  timers: Object.fromEntries(inOrder(unpackAll(TIMER, timers), byKey).map(({ key, name, due }) => [key, { name, due }])),
});

function countedOf(rows: readonly CountRow[]): Customer["counted"] {
  const types = new Map<string, Record<string, Counted>>();
  for (const { type, span, sure, edge } of rows) {
    if (sure === 0 && edge === null) continue;
    types.set(type, { ...types.get(type), [span]: { sure, edge: edge ?? [] } });
  }
  return Object.fromEntries(types);
}

const promiseOf = ({ words = [], ...promise }: Promised): Promised => ({ ...promise, ...(words.length > 0 ? { words } : {}) });
