import { type Random, seededRandom } from "../domain/values/random.ts";
import { type Instant, MINUTE } from "../domain/values/time.ts";
import { type ArrivalModel, drawArrivals, fitArrivals, type History, type Paces, type Period, sentIn } from "./arrivals.ts";
import type { PastCustomer } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import { type DataRules, type Datum, rulesOf } from "./signal-data.ts";

/** How one type of signal comes from the customers, and what it says. Numbers are by the place of the customer. */
export interface OwnSignals {
  readonly type: string;
  readonly model: ArrivalModel;
  /** Of each customer: since when she might have sent one, how many came since, and the last of them. */
  readonly sinces: Float64Array;
  readonly counts: Uint32Array;
  readonly lasts: Float64Array;
  /** Hers together, the latest first: hers begin at `starts[customer]` and end where the next one's do. */
  readonly data: readonly Datum[];
  readonly starts: Uint32Array;
  readonly rules: DataRules;
  /** Whether most came to many customers at once. */
  readonly comesAtOnce: boolean;
  /** Whether what some said was removed since. */
  readonly lacksData: boolean;
}

/** A signal of the type: whose, by her place, and when; what it said, where that is known. */
export interface SentOne {
  readonly customer: number;
  readonly at: Instant;
  readonly datum?: Datum;
}

/**
 * Learns how a type of signal comes from customers of themselves.
 *
 * @param sent by time; at least one
 */
export function learnOwnSignals(type: string, sent: readonly SentOne[], customers: readonly PastCustomer[], period: Period): OwnSignals {
  const sentBy = groupedBy(sent, ({ customer }) => customer);
  const histories = customers.map(({ customerId, since }, place): History => {
    const times = (sentBy.get(place) ?? []).map(({ at }) => at);
    const known = Math.max(since, period.from);
    // Whoever is known by her first signal has not been waiting for it.
    return { customerId, times, ...(known < (times[0] ?? Number.POSITIVE_INFINITY) ? { known } : {}) };
  });
  const seen = histories.map(sentIn);
  return {
    type,
    model: fitArrivals(histories, period, MOST_FITTED),
    sinces: Float64Array.from(seen, ({ since }) => since),
    counts: Uint32Array.from(seen, ({ count }) => count),
    lasts: Float64Array.from(seen, ({ last }) => last),
    ...dataOf(sent, customers.length),
    comesAtOnce: comesAtOnce(sent, period),
    lacksData: sent.some(({ datum }) => datum === undefined),
  };
}

/** When one customer sends it in one play, by time. */
export function drawOwnTimes({ model, sinces, counts, lasts }: OwnSignals, paces: Paces, customer: number, random: Random): Instant[] {
  const sent = { since: sinces[customer] ?? 0, count: counts[customer] ?? 0, last: lasts[customer] ?? 0 };
  return drawArrivals(model, paces, sent, random);
}

/** Where the data of a customer lie: `from` inclusive, `to` exclusive. */
export const ownData = ({ starts, data }: Pick<OwnSignals, "starts" | "data">, customer: number): { from: number; to: number } => ({
  from: starts[customer] ?? 0,
  to: starts[customer + 1] ?? data.length,
});

// --- internal ---

/** The likelihood is summed over all of them some hundred times. */
const MOST_FITTED = 1_000;

/** Of each customer the latest so many data are kept, and of all customers together so many. */
const MOST_OF_HERS = 3;
const MOST_DATA = 20_000;

function dataOf(sent: readonly SentOne[], size: number): Pick<OwnSignals, "data" | "starts" | "rules"> {
  const known = sent.flatMap(({ datum }) => (datum ? [datum] : []));
  const ofCustomer = groupedBy(known, ({ by }) => by);
  const kept = keptOf([...ofCustomer.keys()]);
  const data: Datum[] = [];
  const starts = new Uint32Array(size + 1);
  for (let customer = 0; customer < size; customer++) {
    starts[customer] = data.length;
    if (kept.has(customer)) data.push(...(ofCustomer.get(customer) ?? []).slice(-MOST_OF_HERS).reverse());
  }
  starts[size] = data.length;
  return { data, starts, rules: rulesOf(known) };
}

/** All customers, or an even share of them where they have too many data. */
function keptOf(customers: readonly number[]): ReadonlySet<number> {
  const most = Math.floor(MOST_DATA / MOST_OF_HERS);
  if (customers.length <= most) return new Set(customers);
  const random = seededRandom("kept data");
  return new Set(customers.filter(() => random() * customers.length < most));
}

/** Whether most of them came in a minute in which several customers sent one, many more than in other minutes. */
function comesAtOnce(sent: readonly SentOne[], { from, until }: Period): boolean {
  const minuteOf = (at: Instant): number => Math.floor(at / MINUTE);
  const minutes = groupedBy(sent, ({ at }) => minuteOf(at));
  const many = 3 + (10 * sent.length * MINUTE) / (until - from);
  const together = [...minutes.values()].filter((all) => new Set(all.map(({ customer }) => customer)).size >= many);
  return together.reduce((sum, all) => sum + all.length, 0) > sent.length / 2;
}
