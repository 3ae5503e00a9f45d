import { idFrom } from "../domain/entities/wake.ts";
import { seededRandom } from "../domain/values/random.ts";
import { DAY } from "../domain/values/time.ts";
import { answering } from "./answering.ts";
import { type Play, pacesOf } from "./arrivals.ts";
import { datumDrawer, saidDrawer, saidLike } from "./drawing-data.ts";
import type { Future, FutureSignal, PlayedDelivery } from "./future.ts";
import { drawOwnTimes } from "./own-signals.ts";
import { CASE_CLOSED, CASE_OPENED, futureSignal, redrawn } from "./signal-data.ts";
import type { OpenDelivery, Twins } from "./twins.ts";

/**
 * One future of a population: the same for the same twins, seed and path, on every machine. A customer's draws are her own: what others do
 * and what is sent to her changes none of what she sends of herself.
 */
export function futureOf(twins: Twins, play: Play): Future {
  const places = new Map(twins.customers.map(({ customerId }, place) => [customerId, place]));
  const placeOf = (customerId: string): number | undefined => places.get(customerId);
  const drawDatum = datumDrawer(twins.customers);
  const answersTo = answering(twins.answers, {
    ...{ seed: play.seed, path: play.path, placeOf },
    likeOf: (place) => twins.customers[place]?.like,
    drawSaid: saidDrawer(twins.types, drawDatum, placeOf),
  });
  return {
    days: () => daysOf(twins, play, answersTo, drawDatum),
    answersTo,
  };
}

// --- internal ---

function* daysOf(
  twins: Twins,
  play: Play,
  answersTo: Future["answersTo"],
  drawDatum: ReturnType<typeof datumDrawer>,
): Generator<readonly FutureSignal[]> {
  const own = timesOf(twins, play);
  const late = twins.open.flatMap((one) => lateAnswers(one, answersTo, twins, play));
  const others = [...closingsOf(twins, play, own), ...late].filter(({ time }) => time < play.until).sort(byTime);
  const days = Math.ceil((play.until - twins.period.until) / DAY);
  let [next, other] = [0, 0];
  for (let day = 1; day <= days; day++) {
    const end = twins.period.until + day * DAY;
    const [first, firstOther] = [next, other];
    while (next < own.order.length && timeAt(own, next) < end) next++;
    while (other < others.length && (others[other]?.time ?? 0) < end) other++;
    const ofDay = Array.from(own.order.subarray(first, next), (place) => signalOf(twins, play, own, place, drawDatum));
    yield [...ofDay, ...others.slice(firstOther, other)].sort(byTime);
  }
}

const timeAt = ({ times, order }: Times, place: number): number => times[order[place] ?? 0] ?? 0;

const byTime = (a: FutureSignal, b: FutureSignal): number => a.time - b.time;

/** What all customers send of themselves: four numbers each, so that a month of many customers fits into memory. */
interface Times {
  readonly times: readonly number[];
  readonly customers: readonly number[];
  /** Places among the types. */
  readonly types: readonly number[];
  /** How many of the type the customer has sent before in this future. */
  readonly nths: readonly number[];
  /** Places by time. */
  readonly order: Uint32Array;
}

function timesOf(twins: Twins, play: Play): Times {
  const [times, customers, types, nths]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (const [type, own] of twins.types.entries()) {
    const paces = pacesOf(own.model, play.until, seededRandom(`${play.seed}\n${play.path}\n${own.type}`));
    for (const [place, { customerId }] of twins.customers.entries()) {
      const random = seededRandom(`${play.seed}\n${play.path}\n${customerId}\n${own.type}`);
      for (const [nth, at] of drawOwnTimes(own, paces, place, random).entries()) {
        times.push(Math.floor(at));
        customers.push(place);
        types.push(type);
        nths.push(nth);
      }
    }
  }
  const order = Uint32Array.from(times, (_, place) => place).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  return { times, customers, types, nths, order };
}

const keyOf = ({ seed, path }: Play, customerId: string, type: string, nth: number): string =>
  `${seed}\n${path}\n${customerId}\n${type}\n${nth}`;

function signalOf(twins: Twins, play: Play, own: Times, place: number, drawDatum: ReturnType<typeof datumDrawer>): FutureSignal {
  const type = twins.types[own.types[place] ?? 0];
  const customer = own.customers[place] ?? 0;
  const { customerId = "" } = twins.customers[customer] ?? {};
  const [name, at] = [type?.type ?? "", own.times[place] ?? 0];
  const key = keyOf(play, customerId, name, own.nths[place] ?? 0);
  const datum = type && drawDatum(type, customer, seededRandom(`${key}\ndata`));
  const data = datum ? saidLike(type, datum, customer, { customerId, at, key }) : {};
  return futureSignal(name, { source: datum?.source ?? SOURCE }, { customerId, at, key }, data);
}

/** Of signals of a type of which no data are left. */
const SOURCE = "rehearsal";

/** Cases close after as long as recorded ones did: those that are open, and those that are opened. */
function closingsOf(twins: Twins, play: Play, own: Times): FutureSignal[] {
  const { cases, customers, types, period } = twins;
  if (cases.closings.length === 0) return [];
  const close = (customer: number, caseId: string, since: number, key: string): FutureSignal[] => {
    const random = seededRandom(`${key}\nclosed`);
    const longer = cases.closings.filter(({ after }) => since + after >= period.until);
    const drawn = longer[Math.floor(random() * longer.length)];
    if (!drawn) return [];
    const { customerId = "" } = customers[customer] ?? {};
    const like = { customerId, at: since + drawn.after, key: `${key}\nclosed` };
    const said = redrawn(drawn.datum, CASE_CLOSED, undefined, { ...like, isOwn: false, latest: drawn.datum });
    return [futureSignal(CASE_CLOSED, drawn.datum, like, { ...said, caseId })];
  };
  const opened = types.findIndex(({ type }) => type === CASE_OPENED);
  const coming = own.times.flatMap((at, place) => {
    if (own.types[place] !== opened) return [];
    const customer = own.customers[place] ?? 0;
    const key = keyOf(play, customers[customer]?.customerId ?? "", CASE_OPENED, own.nths[place] ?? 0);
    return close(customer, idFrom("f", key, "caseId"), at, key);
  });
  const open = cases.open.flatMap(({ customer, caseId, since }) =>
    close(customer, caseId, since, `${play.seed}\n${play.path}\n${customers[customer]?.customerId}\n${caseId}`),
  );
  return [...coming, ...open];
}

/** Draws that do not fit what was seen so far are drawn again; after so many, nothing more comes. */
const MOST_TRIES = 50;

/** What a delivery of the recorded time is answered after its end, given that nothing more came until then. */
function lateAnswers({ seen, ...delivery }: OpenDelivery, answersTo: Future["answersTo"], { period }: Twins, play: Play): FutureSignal[] {
  for (let drawn = 0; drawn < MOST_TRIES; drawn++) {
    const played: PlayedDelivery = { ...delivery, nth: -1 - drawn };
    const answers = answersTo(played).map((one) => ({ one, isKnown: seen.some((kind) => one.type === `delivery.${kind}`) }));
    if (answers.some(({ one, isKnown }) => !isKnown && one.time < period.until)) continue;
    return answers.flatMap(({ one, isKnown }) => (isKnown || one.time >= play.until ? [] : [one]));
  }
  return [];
}
