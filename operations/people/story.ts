import { randomUUID } from "node:crypto";
import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { ghostsOf } from "../../domain/story/ghosts.ts";
import { storyOf } from "../../domain/story/story.ts";
import type { StoryGhost } from "../../domain/story/story-item.ts";
import type { StoryPlace } from "../../domain/story/story-row.ts";
import { openCursor, sealCursor } from "../../domain/values/cursor.ts";
import type { Json } from "../../domain/values/json.ts";
import { byTime, type Instant, iso, parseInstant } from "../../domain/values/time.ts";
import type { StoryRows } from "../../store/store.ts";
import { cursorKey } from "../deps.ts";
import { alsoKnownAs, knownCustomer, type PeopleDeps, zoneView } from "./known-customer.ts";
import type { StoryRequest } from "./requests.ts";
import type { StoryView } from "./views.ts";

/** Rows on a page, at most; no more are items. */
export const MOST_ROWS = 200;

/** A page of a customer's story: the latest items, in order of time. */
export async function showStory(
  { id, limit = 100, cursor, ghosts = false, ...within }: StoryRequest,
  deps: PeopleDeps,
): Promise<StoryView> {
  const known = await knownCustomer(id, deps);
  const { customer, ids, policy } = known;
  const [from, to] = [instantIn(within.from), instantIn(within.to)];
  const filter = { list: "story", customer: customer.customerId, from: from ?? null, to: to ?? null };
  const page = await storyPage({ cursor, filter }, deps, (before) =>
    deps.store.stories.rows({ ids, before, from, to, limit: Math.min(limit, MOST_ROWS) }),
  );
  const { rows, hasMore, next } = page;
  const [first] = rows;
  const span = { from: hasMore && first ? first.at : from, to };
  return {
    ...{ customerId: customer.customerId, ...alsoKnownAs(known), ...(known.name === undefined ? {} : { name: known.name }) },
    ...{ timezone: zoneView(known.zoned), departments: [...policy.departments], items: storyOf(rows, policy) },
    ...(ghosts ? { ghosts: await ghostsWithin({ ...span, to: cursor === undefined ? to : rows.at(-1)?.at }, ids, policy, deps) } : {}),
    ...(next === undefined ? {} : { next }),
    searched: {
      ...(span.from === undefined ? {} : { from: iso(span.from) }),
      ...(to === undefined ? {} : { to: iso(to) }),
      whole: !hasMore,
    },
  };
}

/** The instant of a time that the table has checked. */
export const instantIn = (time: string | undefined): Instant | undefined => (time === undefined ? undefined : parseInstant(time));

/** Reads a page after a cursor, and makes the cursor of the page before it. */
export async function storyPage(
  { cursor, filter }: { readonly cursor: string | undefined; readonly filter: Json },
  { store }: Pick<PeopleDeps, "store">,
  read: (before: StoryPlace | undefined) => Promise<StoryRows>,
): Promise<StoryRows & { readonly next?: string }> {
  const key = await cursorKey(store, randomUUID);
  const before = cursor === undefined ? undefined : (openCursor(key, filter, cursor) as unknown as StoryPlace); // sealed below
  const page = await read(before);
  const [first] = page.rows;
  if (!page.hasMore || !first) return page;
  const { at, source, id } = first;
  return { ...page, next: sealCursor(key, filter, { at, source, id }) };
}

// --- internal ---

/** Ghosts depend on everything that was decided before, so that they are told from the first decision on, or from the latest of these. */
const MOST_DECISIONS = 1_000;

async function ghostsWithin(
  { from, to }: { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
  ids: readonly string[],
  policy: Policy,
  { store }: PeopleDeps,
): Promise<StoryGhost[]> {
  const decisions: Decision[] = [];
  for (const customerId of ids) decisions.push(...(await store.read.decisions({ customerId, limit: MOST_DECISIONS })));
  decisions.sort((a, b) => byTime(a.decidedAt, b.decidedAt));
  const isWithin = (at: Instant): boolean => at >= (from ?? Number.NEGATIVE_INFINITY) && at <= (to ?? Number.POSITIVE_INFINITY);
  return ghostsOf(policy, decisions).filter(({ at }) => isWithin(Date.parse(at)));
}
