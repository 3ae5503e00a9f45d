import type { OutcomeKind } from "../domain/entities/customer.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { normal, type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, type Instant } from "../domain/values/time.ts";
import type { PastCustomer, PastDelivery, PastSignal, RecordedHistory } from "../rehearsal/future.ts";
import { wait } from "../rehearsal/sampling.ts";

/** A type of signal that customers send of themselves, each at a rate of her own. */
export interface GivenType {
  readonly perWeek: number;
  /** How much the logarithms of their rates differ. Default: 0.8 */
  readonly spread?: number;
  /** How much more comes at an instant than on average; at most 5. */
  readonly intensity?: (at: Instant) => number;
  /** Mean weeks until a customer leaves; without it nobody does. */
  readonly staysWeeks?: number;
  readonly data?: (n: number, customerId: string, at: Instant) => JsonObject;
}

/** An experience of which every customer gets deliveries at random, at a common rate. */
export interface GivenExperience {
  readonly channel: string;
  readonly perWeek: number;
  /** Chances of receipts, each within so many days. */
  readonly answers?: Partial<Record<OutcomeKind, number>>;
  /** A signal that follows with this chance; whatever else comes within counts as its success too. */
  readonly success?: { readonly signal: string; readonly chance: number; readonly within: number; readonly data?: JsonObject };
}

export interface GivenHistory {
  readonly customers: number;
  readonly from: Instant;
  readonly until: Instant;
  readonly types: Readonly<Record<string, GivenType>>;
  readonly experiences?: Readonly<Record<string, GivenExperience>>;
  readonly seed?: string;
  readonly zone?: string;
}

/** A history whose truth is known. Customers are known from its begin on. */
export function recordedHistory({ customers: count, from, until, types, experiences = {}, seed = "history", zone = "UTC" }: GivenHistory) {
  const random = seededRandom(seed);
  const customers = Array.from({ length: count }, (_, n): PastCustomer => ({ customerId: `c-${n}`, since: from }));
  const signals: PastSignal[] = [];
  const deliveries: PastDelivery[] = [];
  for (const { customerId } of customers) {
    const own = Object.entries(types).flatMap(([type, given]) =>
      timesOf(given, from, until, random).map((time, n): PastSignal => {
        const data = given.data?.(n, customerId, time) ?? { n };
        return { customerId, source: "shop", type, time, data };
      }),
    );
    const sent = Object.entries(experiences).flatMap(([experienceId, given]) => {
      const times = timesOf({ perWeek: given.perWeek, spread: 0 }, from, until, random);
      return times.map((at, n) =>
        answeredOne(given, { experienceId, customerId, at, deliveryId: `${experienceId}-${customerId}-${n}` }, random),
      );
    });
    const all = [...own, ...sent.flatMap(({ caused }) => caused)].filter(({ time }) => time < until).sort((a, b) => a.time - b.time);
    const hers = converted(
      sent.map(({ delivery }) => delivery).sort((a, b) => a.at - b.at),
      all,
      experiences,
    );
    signals.push(...all);
    deliveries.push(...hers.map((one) => ({ ...one, outcomes: one.outcomes.filter(({ at }) => at < until).sort((a, b) => a.at - b.at) })));
  }
  return { period: { from, until, zone }, customers, population: count, signals, deliveries, arms: {} } satisfies RecordedHistory;
}

// --- internal ---

const MOST_INTENSE = 5;

/** A Poisson process whose rate changes: each of one as fast as it ever is, kept by chance (Lewis and Shedler 1979). */
function timesOf(given: GivenType, from: Instant, until: Instant, random: Random): Instant[] {
  const { perWeek, spread = 0.8, intensity = () => 1, staysWeeks } = given;
  const rate = (perWeek * Math.exp(spread * normal(random) - spread ** 2 / 2)) / (7 * DAY);
  const end = staysWeeks === undefined ? until : Math.min(until, from + staysWeeks * 7 * DAY * wait(random));
  const times: Instant[] = [];
  for (let at = from; ; ) {
    at += wait(random) / (rate * MOST_INTENSE);
    if (at >= end) return times;
    if (random() * MOST_INTENSE < intensity(at)) times.push(Math.floor(at));
  }
}

function answeredOne(
  { channel, answers = {}, success }: GivenExperience,
  given: Pick<PastDelivery, "deliveryId" | "customerId" | "experienceId" | "at">,
  random: Random,
): { readonly delivery: PastDelivery; readonly caused: readonly PastSignal[] } {
  const later = (): Instant => Math.floor(given.at + random() * 2 * DAY);
  const outcomes = Object.entries(answers).flatMap(([kind, chance]) =>
    random() < chance ? [{ kind: kind as OutcomeKind, at: later() }] : [],
  );
  const { customerId } = given;
  const caused =
    success && random() < success.chance
      ? [{ customerId, source: "shop", type: success.signal, time: later(), data: success.data ?? { by: given.experienceId } }]
      : [];
  return { delivery: { ...given, channel, outcomes }, caused };
}

/** As the record notes it: of an experience's deliveries the latest in whose time a signal comes has converted, each once. */
function converted(
  deliveries: readonly PastDelivery[],
  signals: readonly PastSignal[],
  experiences: Readonly<Record<string, GivenExperience>>,
): PastDelivery[] {
  const at = new Map<PastDelivery, Instant>();
  for (const { type, time } of signals)
    for (const [experienceId, { success }] of Object.entries(experiences)) {
      if (success?.signal !== type) continue;
      const hopeful = deliveries.filter((one) => one.experienceId === experienceId && one.at <= time && time - one.at < success.within);
      const latest = hopeful.at(-1);
      if (latest && !at.has(latest)) at.set(latest, time);
    }
  return deliveries.map((one) => {
    const time = at.get(one);
    return time === undefined ? one : { ...one, outcomes: [...one.outcomes, { kind: "converted", at: time }] };
  });
}
