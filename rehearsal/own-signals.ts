import { type Random, seededRandom } from "../domain/values/random.ts";
import { type Instant, MINUTE } from "../domain/values/time.ts";
import { type ArrivalModel, drawArrivals, drawFromFirst, fitArrivals, type Paces, type Period } from "./arrivals.ts";
import { drawBeginning, fitBeginning } from "./beginning.ts";
import type { PastCustomer } from "./future.ts";
import { groupedBy } from "./grouped-by.ts";
import type { Gamma } from "./leaving.ts";
import { paceOf } from "./rhythm.ts";
import { type DataRules, type Datum, rulesOf } from "./signal-data.ts";

/** How one type of signal comes from the customers, and what it says. Numbers are by the place of the customer. */
export interface OwnSignals {
  readonly type: string;
  readonly model: ArrivalModel;
  /** How soon a known customer sends her first; missing where no known customer was seen to begin. */
  readonly begins?: Gamma;
  readonly counts: Uint32Array;
  readonly firsts: Float64Array;
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
  const histories = [...sentBy].map(([place, hers]) => ({
    customerId: customers[place]?.customerId ?? "",
    times: hers.map(({ at }) => at),
  }));
  const model = fitArrivals(histories, period, MOST_FITTED);
  const pace = paceOf(model.rhythm, period, period.zone);
  const size = customers.length;
  const [counts, firsts, lasts] = [new Uint32Array(size), new Float64Array(size), new Float64Array(size)];
  const waits = customers.map(({ since }, place) => {
    const hers = sentBy.get(place) ?? [];
    const first = hers[0]?.at;
    counts[place] = hers.length;
    firsts[place] = first ?? 0;
    lasts[place] = hers.at(-1)?.at ?? 0;
    return { days: pace.passed(first ?? period.until) - pace.passed(since), came: first !== undefined };
  });
  const begins = fitBeginning(waits);
  return {
    type,
    model,
    ...(begins ? { begins } : {}),
    ...{ counts, firsts, lasts },
    ...dataOf(sent, size),
    comesAtOnce: comesAtOnce(sent, period),
    lacksData: sent.some(({ datum }) => datum === undefined),
  };
}

/** When one customer sends it in one play, by time. */
export function drawOwnTimes(own: OwnSignals, paces: Paces, customer: number, since: Instant, random: Random): Instant[] {
  const count = own.counts[customer] ?? 0;
  if (count > 0) return drawArrivals(own.model, paces, { count, first: own.firsts[customer] ?? 0, last: own.lasts[customer] ?? 0 }, random);
  if (!own.begins) return [];
  const waited = paces.past.passed(own.model.period.until) - paces.past.passed(since);
  return drawFromFirst(own.model, paces, drawBeginning(own.begins, waited, random), random);
}

/** Where the data of a customer lie: `from` inclusive, `to` exclusive. */
export const ownData = ({ starts, data }: Pick<OwnSignals, "starts" | "data">, customer: number): { from: number; to: number } => ({
  from: starts[customer] ?? 0,
  to: starts[customer + 1] ?? data.length,
});

// --- internal ---

/** The likelihood is summed over all of them some hundred times. */
const MOST_FITTED = 2_000;

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
