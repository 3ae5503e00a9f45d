import { randomUUID } from "node:crypto";
import type { Customer } from "../../domain/entities/customer.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { goldenRecord } from "../../domain/record/record.ts";
import { zoneOf } from "../../domain/record/view.ts";
import { isAtCap } from "../../domain/story/contacts.ts";
import { nameOf } from "../../domain/story/name.ts";
import { openCursor, sealCursor } from "../../domain/values/cursor.ts";
import { DAY, type Instant, iso } from "../../domain/values/time.ts";
import type { LastDecision } from "../../store/store.ts";
import { cursorKey, storeTime } from "../deps.ts";
import type { PeopleDeps } from "./known-customer.ts";
import type { CustomerFlag, CustomersRequest } from "./requests.ts";
import type { CustomerLine, CustomersPage } from "./views.ts";

const DECISIONS = 1_000;
/** Customers with a flag, at most. */
const MOST_FLAGGED = 5_000;
/** Customers whose caps one request looks at. */
const MOST_LOOKED_AT = 200;

/** The customers of the latest decisions, or those that need a person: with an open case, a late promise, or at a cap. */
export async function listCustomers({ limit = 50, flag, cursor }: CustomersRequest, deps: PeopleDeps): Promise<CustomersPage> {
  const key = await cursorKey(deps.store, randomUUID);
  const filter = { list: "customers", flag: flag ?? null };
  const place = cursor === undefined ? { from: 0 } : (openCursor(key, filter, cursor) as { from: number; upTo?: number }); // sealed below
  const policy = await deps.policy();
  const { at } = await storeTime(deps);
  const { ids, upTo } = await idsOf(flag, place.upTo, at, deps);
  const looked = ids.slice(place.from, place.from + (flag === "at-cap" ? MOST_LOOKED_AT : limit));
  const lines = await linesOf(looked, policy, at, deps);
  const customers = flag === "at-cap" ? lines.filter(({ atCap }) => atCap) : lines;
  const from = place.from + looked.length;
  const hasMore = from < ids.length;
  return {
    customers,
    ...(hasMore ? { next: sealCursor(key, filter, { from, ...(upTo === undefined ? {} : { upTo }) }) } : {}),
    searched: { customers: from, whole: !hasMore },
  };
}

// --- internal ---

async function idsOf(
  flag: CustomerFlag | undefined,
  upTo: number | undefined,
  at: Instant,
  { store: { finding } }: PeopleDeps,
): Promise<{ readonly ids: readonly string[]; readonly upTo?: number | undefined }> {
  if (flag === "open-case") return { ids: await finding.withOpenCase(MOST_FLAGGED) };
  if (flag === "late-promise") return { ids: await finding.withLatePromise(at, MOST_FLAGGED) };
  // Later pages keep to what was decided by the first, so that nobody moves between them.
  const recent = await finding.recent({ decisions: DECISIONS, upTo });
  return { ids: recent.map(({ customerId }) => customerId), upTo: upTo ?? recent[0]?.seq };
}

async function linesOf(ids: readonly string[], policy: Policy, at: Instant, { store }: PeopleDeps): Promise<CustomerLine[]> {
  if (ids.length === 0) return [];
  const customers = await store.customers.load(ids, policy, at);
  const last = new Map((await store.finding.lastDecisions(ids)).map((one) => [one.customerId, one]));
  return ids.flatMap((id) => {
    const customer = customers.get(id);
    return customer ? [lineOf(customer, last.get(id), policy, at)] : [];
  });
}

function lineOf(customer: Customer, last: LastDecision | undefined, policy: Policy, at: Instant): CustomerLine {
  const golden = goldenRecord(customer.claims, policy.record, at);
  const name = nameOf(golden.traits);
  const { touches, promises, openCases, stage } = customer;
  return {
    customerId: customer.customerId,
    ...(name === undefined ? {} : { name }),
    ...(last ? { last: lastOf(last) } : {}),
    ...(policy.stages.length > 0 && stage?.name ? { stage: stage.name } : {}),
    openCases: openCases.length,
    openPromises: promises.length,
    latePromises: promises.filter(({ due }) => due <= at).length,
    atCap: isAtCap(policy.governance.caps, touches, at, zoneOf(golden, policy).zone),
    contacts: touches.filter((touch) => touch.at > at - 7 * DAY).length,
  };
}

const lastOf = ({ decisionId, at, action, experienceId }: LastDecision): NonNullable<CustomerLine["last"]> => ({
  ...{ decisionId, at: iso(at), action },
  ...(experienceId === null ? {} : { experienceId }),
});
