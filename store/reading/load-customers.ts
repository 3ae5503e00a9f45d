import type { UndeliverableAddress } from "../../domain/entities/address.ts";
import type { Claims } from "../../domain/entities/claims.ts";
import type { Consent } from "../../domain/entities/consent.ts";
import type {
  Approval,
  Asked,
  Customer,
  DeliveryNote,
  Identity,
  KeptStage,
  Moment,
  Origin,
  Outcome,
  Promised,
  Seen,
  Standing,
  Timer,
  Touch,
} from "../../domain/entities/customer.ts";
import type { Offer } from "../../domain/entities/offer.ts";
import type { OmittedTraits } from "../../domain/entities/omitted-traits.ts";
import { competes, everyExperience, type Policy } from "../../domain/entities/policy.ts";
import { compose } from "../../domain/record/merge.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { Queryable } from "../engines/database.ts";
import { membersOf } from "./links.ts";

/** The part of the history that decisions under a policy need; the rest stays in the store. */
export interface Horizon {
  /** Start of the windows for touches and for counted signals. */
  readonly touchesSince: Instant;
  readonly countedSince: Instant;
  readonly countedTypes: readonly string[];
  /** Whether to load the facts stated in deliveries, because a repair may be due. */
  readonly withStated: boolean;
}

export function horizonOf(policy: Policy, now: Instant): Horizon {
  const { countedWindow, ...same } = windowsOf(policy);
  return { ...same, touchesSince: now - policy.touchWindow, countedSince: now - countedWindow };
}

/**
 * Loads the customers with these ids, each with everything that a decision needs, in one statement. A merged id returns its root, and
 * a root is composed of all customers merged into it.
 */
export async function loadCustomers(db: Queryable, ids: readonly string[], horizon: Horizon): Promise<Map<string, Customer>> {
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
export async function loadUnmerged(db: Queryable, ids: readonly string[], horizon: Horizon): Promise<Map<string, Customer>> {
  const rows = await loadRows(db, ids, horizon);
  return new Map(rows.filter(({ customer_id }) => ids.includes(customer_id)).map((row) => [row.customer_id, customerOf(row)]));
}

export const toTime = (at: Instant): string => new Date(at).toISOString();

// --- internal ---

interface Windows extends Pick<Horizon, "countedTypes" | "withStated"> {
  readonly countedWindow: number;
}

const known = new WeakMap<Policy, Windows>();

/** Asked for with every wake, and the same for a policy. */
function windowsOf(policy: Policy): Windows {
  const before = known.get(policy);
  if (before) return before;
  const windows = {
    countedWindow: Math.max(0, ...Object.values(policy.counted)),
    countedTypes: Object.keys(policy.counted),
    withStated: everyExperience(policy).some((one) => competes(one) && one.serves.includes("fact_corrected")),
  };
  known.set(policy, windows);
  return windows;
}

async function loadRows(db: Queryable, ids: readonly string[], horizon: Horizon): Promise<readonly Row[]> {
  const isDerived = horizon.countedTypes.some((type) => DERIVED_TYPES.includes(type));
  const { rows } = await db.query<Row>(isDerived ? LOAD_WITH_DERIVED : LOAD, [
    ids,
    toTime(horizon.touchesSince),
    horizon.countedTypes,
    toTime(horizon.countedSince),
    horizon.withStated,
  ]);
  return rows;
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
  identities: Identity[] | null;
  gone: UndeliverableAddress[] | null;
  consents: (Omit<Consent, "reason"> & { reason: string | null })[] | null;
  moments: Moment[] | null;
  promises: Promised[] | null;
  cases: string[] | null;
  touches: (Omit<Touch, "department"> & { department: string | null })[] | null;
  deliveries: DeliveryRow[] | null;
  outcomes: (Omit<Outcome, "department"> & { department: string | null })[] | null;
  approvals: Approval[] | null;
  offers: Offer[] | null;
  timers: (Timer & { key: string })[] | null;
  recent: { type: string; times: number[] }[] | null;
}

type DeliveryRow = Omit<DeliveryNote, "department" | "variant" | "learnsAs" | "to" | "stated" | "features" | "asked"> & {
  department: string | null;
  variant: string | null;
  learnsAs: string | null;
  to: string | null;
  stated: JsonObject | null;
  features: readonly string[] | null;
  asked: Asked | null;
};

const RECORDS = `
select c.customer_id, k.root_id, c.version::float8 as version, c.origin, c.claims, c.seen, c.openings, c.standing, c.stage, c.left_out
from customers c left join links k on k.customer_id = c.customer_id
where c.customer_id = any(${membersOf("$1::text[]")})`;

// One statement for a whole batch: in the embedded engine a round trip costs more than its rows.
const loading = (counted: string): string => `
select c.customer_id, k.root_id, c.version::float8 as version, c.origin, c.claims, c.seen, c.openings, c.standing, c.stage, c.left_out,
  (select json_agg(json_build_object('type', i.type, 'value', i.value, 'source', i.source, 'at', ms(i.at), 'seq', i.seq, 'place', i.place, 'owned', i.owned) order by i.at, i.type, i.value)
     from identities i where i.customer_id = c.customer_id) as identities,
  (select json_agg(json_build_object('channel', n.channel, 'status', n.status, 'at', ms(n.at), 'source', n.source, 'seq', n.seq, 'reason', n.reason) order by n.channel)
     from consents n where n.customer_id = c.customer_id) as consents,
  (select json_agg(json_build_object('type', g.type, 'value', g.value, 'at', ms(g.at), 'source', g.source, 'reason', g.reason) order by g.at, g.type, g.value)
     from gone_addresses g where g.customer_id = c.customer_id) as gone,
  (select json_agg(json_build_object('momentId', m.moment_id, 'name', m.name, 'openedAt', ms(m.opened_at), 'expiresAt', ms(m.expires_at), 'urgency', m.urgency,
            'data', m.data, 'openedBy', m.opened_by, 'openedOn', m.opened_on, 'openedSeq', m.opened_seq, 'confidence', m.confidence, 'decidedBy', m.decided_by) order by m.opened_at, m.name)
     from moments m where m.customer_id = c.customer_id and m.ended is null) as moments,
  (select json_agg(json_build_object('promiseId', p.promise_id, 'name', p.name, 'owner', p.owner, 'openedAt', ms(p.opened_at), 'due', ms(p.due),
            'openedBy', p.opened_by, 'words', p.words, 'overdue', p.overdue) order by p.opened_at, p.promise_id)
     from promises p where p.customer_id = c.customer_id and p.ended is null) as promises,
  (select json_agg(k.case_id order by k.opened_at, k.case_id) from cases k where k.customer_id = c.customer_id and k.closed_at is null) as cases,
  (select json_agg(json_build_object('touchId', t.touch_id, 'at', ms(t.at), 'kind', t.kind, 'channel', t.channel, 'department', t.department) order by t.at, t.touch_id)
     from touches t where t.customer_id = c.customer_id and t.counted and t.at > $2::timestamptz) as touches,
  (select json_agg(json_build_object('deliveryId', d.delivery_id, 'experienceId', d.experience_id, 'channel', d.channel, 'department', d.department,
            'variant', d.variant, 'learnsAs', d.learns_as, 'to', d.address, 'status', d.status, 'at', ms(d.reserved_at), 'moments', d.moments, 'features',
            case when not d.taught then d.features end, 'stated',
            case when $5 then (select json_object_agg(f.key, f.value -> 'value') from jsonb_each(d.facts) f) end, 'asked', d.asked) order by d.reserved_at, d.delivery_id)
     from deliveries d where d.customer_id = c.customer_id) as deliveries,
  (select json_agg(json_build_object('deliveryId', o.delivery_id, 'experienceId', o.experience_id, 'channel', o.channel, 'department', o.department,
            'kind', o.kind, 'at', ms(o.at)) order by o.at, o.delivery_id, o.kind)
     from outcomes o where o.customer_id = c.customer_id) as outcomes,
  (select json_agg(json_strip_nulls(json_build_object('approvalId', a.approval_id, 'experienceId', a.experience_id, 'momentId', a.moment_id,
            'state', a.state, 'reason', a.reason, 'askedAt', ms(a.asked_at), 'channel', a.channel, 'variant', a.variant)) order by a.approval_id)
     from approvals a join moments m on m.moment_id = a.moment_id and coalesce(m.ended, '') = '' -- "is null" would read the index of all that are open
    where a.customer_id = c.customer_id and a.state <> 'lapsed') as approvals,
  (select json_agg(o.terms || jsonb_build_object('code', o.code, 'issuedAt', ms(o.issued_at), 'expiresAt', ms(o.expires_at)) ||
            case when o.redeemed_by is null then '{}' else jsonb_build_object('redeemedBy', o.redeemed_by, 'redeemedAt', ms(o.redeemed_at)) end order by o.issued_at, o.code)
     from offers o where o.customer_id = c.customer_id) as offers,
  (select json_agg(json_build_object('key', r.key, 'name', r.name, 'due', ms(r.due)) order by r.key) from timers r where r.customer_id = c.customer_id) as timers,
  (select json_agg(json_build_object('type', s.type, 'times', s.times))
     from (select type, json_agg(ms(time) order by time, seq) as times from ${counted}
            where customer_id = c.customer_id and type = any($3::text[]) and time > $4::timestamptz group by type) s) as recent
from customers c left join links k on k.customer_id = c.customer_id
where c.customer_id = any(${membersOf("$1::text[]")})`;

const LOAD = loading("signals");

/** Results of deliveries and changes of stage that no outside signal reports, for `count()`. */
const DERIVED_TYPES = ["delivery.sent", "delivery.failed", "delivery.ignored", "delivery.converted", "stage.changed"];

/** A hand-over counts once its wake is decided, and a provider's `delivery.sent` does not count it twice. */
const LOAD_WITH_DERIVED = loading(`(
  select customer_id, type, time, seq from signals s
   where type <> 'delivery.sent' or not exists (select 1 from deliveries d where d.delivery_id = s.event->'data'->>'deliveryId' and d.customer_id = s.customer_id)
  union all
  select customer_id, 'stage.changed', at, 0 from stage_changes
  union all
  select customer_id, 'delivery.' || kind, at, 0 from outcomes where kind in ('ignored', 'converted')
  union all
  select d.customer_id, w.type, case when d.status = 'failed' then d.settled_at else d.reserved_at end, 0
    from deliveries d cross join lateral (select case when d.status = 'failed' then 'delivery.failed' else 'delivery.sent' end as type) w
   where d.status in ('sent', 'delivered', 'bounced', 'failed')
     and not exists (select 1 from timers t where t.customer_id = c.customer_id and t.key = w.type || ':' || d.delivery_id)
) s`);

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
  const { version, origin, claims, seen, openings, standing, stage, left_out: leftOut } = row;
  return {
    customerId: row.customer_id,
    version,
    origin,
    claims,
    seen,
    openings,
    identities: row.identities ?? [],
    gone: row.gone ?? [],
    ...byName(row),
    moments: row.moments ?? [],
    promises: (row.promises ?? []).map(promiseOf),
    openCases: row.cases ?? [],
    touches: (row.touches ?? []).map(withoutNullDepartment),
    deliveries: (row.deliveries ?? []).map(noteOf),
    outcomes: (row.outcomes ?? []).map(withoutNullDepartment),
    approvals: row.approvals ?? [],
    offers: row.offers ?? [],
    ...withoutNulls({ standing, stage, leftOut }),
  };
}

const byName = ({ consents, recent, timers }: Row): Pick<Customer, "consents" | "recent" | "timers"> => ({
  consents: Object.fromEntries((consents ?? []).map(({ reason, ...said }) => [said.channel, reason === null ? said : { ...said, reason }])),
  recent: Object.fromEntries((recent ?? []).map(({ type, times }) => [type, times])),
  timers: Object.fromEntries((timers ?? []).map(({ key, name, due }) => [key, { name, due }])),
});

type WithoutNulls<T> = { [K in keyof T]?: NonNullable<T[K]> };

const withoutNulls = <T extends object>(given: T): WithoutNulls<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)) as WithoutNulls<T>;

const promiseOf = ({ words = [], ...promise }: Promised): Promised => ({ ...promise, ...(words.length > 0 ? { words } : {}) });

const noteOf = ({ variant, learnsAs, to, stated, features, asked, ...note }: DeliveryRow): DeliveryNote => ({
  ...withoutNullDepartment(note),
  ...(variant === null ? {} : { variant }),
  ...(learnsAs === null ? {} : { learnsAs }),
  ...(to === null ? {} : { to }),
  ...(features ? { features } : {}),
  ...(stated ? { stated } : {}),
  ...(asked ? { asked } : {}),
});

function withoutNullDepartment<T extends { department: string | null }>({
  department,
  ...rest
}: T): Omit<T, "department"> & { department?: string } {
  return department === null ? rest : { ...rest, department };
}
