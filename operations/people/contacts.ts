import { capsNow, contactDays } from "../../domain/story/contacts.ts";
import { DAY, iso } from "../../domain/values/time.ts";
import { momentToAct } from "../deps.ts";
import { knownCustomer, type PeopleDeps, zoneView } from "./known-customer.ts";
import type { ContactsRequest } from "./requests.ts";
import { instantIn } from "./story.ts";
import type { ContactsView } from "./views.ts";

/** Thirteen weeks: what a calendar shows. */
const SHOWN = 91 * DAY;
const MOST_TOUCHES = 5_000;

/** Contacts by day and department, and how each cap stands now. */
export async function showContacts({ id, from, to }: ContactsRequest, deps: PeopleDeps): Promise<ContactsView> {
  const { customer, ids, policy, at, zoned } = await knownCustomer(id, deps);
  const until = instantIn(to) ?? (await momentToAct(deps));
  const since = instantIn(from) ?? until - SHOWN;
  const touches = await deps.store.stories.touches({ ids, from: since, to: until, limit: MOST_TOUCHES });
  const now = (await deps.store.customers.load([id], policy, at)).get(id);
  const isWhole = touches.length < MOST_TOUCHES;
  return {
    customerId: customer.customerId,
    timezone: zoneView(zoned),
    days: contactDays(touches, zoned.zone).map((day) => ({ ...day, departments: { ...day.departments } })),
    caps: capsNow(policy.governance.caps, now?.touches ?? [], at, zoned.zone),
    searched: { from: iso(isWhole ? since : (touches.at(-1)?.at ?? since)), to: iso(until), whole: isWhole },
  };
}
