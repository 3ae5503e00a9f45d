import { readFileSync } from "node:fs";
import type { Customer, OutcomeKind } from "../domain/entities/customer.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { SignalEvent } from "../domain/entities/signal.ts";
import { type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, HOUR, type Instant } from "../domain/values/time.ts";
import type { PlayStart } from "../engine/playing/play-start.ts";
import type { PastDelivery, PastSignal, RecordedHistory } from "../rehearsal/future.ts";

/** So many customers who stand as the few of a start do, each with ids and addresses of her own. */
export function multiplied(start: PlayStart, customers: number): PlayStart {
  const texts = start.customers.map((customer) => ({ id: customer.customerId, text: JSON.stringify(customer) }));
  const copies = Array.from({ length: customers }, (_, n): Customer => {
    const { id = "", text = "" } = texts[n % texts.length] ?? {};
    return JSON.parse(asCopy(text, id, Math.floor(n / texts.length)));
  });
  return { ...start, customers: copies, totals: [] };
}

/** A recorded month in which these customers have sent so many signals in all, like those of a file, and have answered some messages. */
export function recordedMonth(file: string, { at, customers }: PlayStart, policy: Policy, signals: number): RecordedHistory {
  const random = seededRandom("bench rehearse");
  const from = at - MONTH;
  const bySubject = new Map<string, SignalEvent[]>();
  const all = eventsIn(file);
  for (const event of all) bySubject.set(event.subject ?? "", [...(bySubject.get(event.subject ?? "") ?? []), event]);
  const ids = customers.map(({ customerId }) => customerId);
  return {
    period: { from, until: at, zone: policy.timezone },
    population: ids.length,
    customers: ids.map((customerId) => ({ customerId, since: from - MONTH })),
    signals: Array.from({ length: signals }, () => {
      const customerId = pick(ids, random);
      return signalLike(pick(bySubject.get(nameOf(customerId)) ?? all, random), customerId, from + random() * MONTH);
    }),
    deliveries: Array.from({ length: Math.ceil(signals / 20) }, (_, n) => deliveryOf(n, pick(ids, random), from, policy, random)),
    arms: {},
  };
}

// --- internal ---

const MONTH = 30 * DAY;

function pick<T>(list: readonly T[], random: Random): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

/** The name of a copy leads to that of whom it is a copy of. */
const nameOf = (customerId: string): string => customerId.replace(/~\d+$/, "");

const asCopy = (text: string, id: string, n: number): string =>
  text
    .replaceAll(`"${id}"`, `"${id}~${n}"`)
    .replaceAll("@mail.example", `.${n}@mail.example`)
    .replaceAll(/\+1(\d{3})\d{7}/g, (_, area: string) => `+1${area}${5_550_000 + n}`)
    // Ids of moments, deliveries, promises: a letter and a hash.
    .replaceAll(
      /"([a-z]{1,2})_([\w-]{22})"/g,
      (_, kind: string, hash: string) => `"${kind}_${hash.slice(5)}${String(n).padStart(5, "0")}"`,
    );

const eventsIn = (file: string): SignalEvent[] =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => SignalEvent.parse(JSON.parse(line)))
    .filter(({ type }) => !type.startsWith("delivery.") && type !== "customer.merged");

const signalLike = ({ source, type, data = {} }: SignalEvent, customerId: string, time: Instant): PastSignal => ({
  ...{ customerId, source, type },
  time: Math.floor(time),
  data: data as NonNullable<PastSignal["data"]>,
});

function deliveryOf(n: number, customerId: string, from: Instant, { experiences }: Policy, random: Random): PastDelivery {
  const { id, routes } = pick(experiences, random);
  const at = Math.floor(from + random() * MONTH);
  const kinds: readonly OutcomeKind[] = random() < 0.4 ? ["opened"] : random() < 0.1 ? ["clicked"] : [];
  return {
    ...{ deliveryId: `past-${n}`, customerId, experienceId: id, channel: routes[0]?.channel ?? "email", at },
    outcomes: kinds.map((kind) => ({ kind, at: Math.floor(at + random() * 12 * HOUR) })),
  };
}
