import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Random, seededRandom } from "../domain/values/random.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../domain/values/time.ts";

/** A CloudEvent as in `signals.jsonl`. */
export interface SignalJson {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Story {
  readonly seed: string;
  readonly customers: number;
  readonly signals: number;
  /** Start time of the stream. */
  readonly from: Instant;
}

/**
 * Writes a workspace that uses everything a crash could damage: caps, quiet hours, promises made and kept, actions that change the
 * record or fail, absences, daily timers, approvals, limits in total, tasks.
 */
export function writeKillsWorkspace(dir: string, story: Story): SignalJson[] {
  mkdirSync(join(dir, "experiences"), { recursive: true });
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
  for (const [id, text] of Object.entries(EXPERIENCES)) writeFileSync(join(dir, "experiences", `${id}.yaml`), `id: ${id}\n${text}`);
  const random = seededRandom(`customers ${story.seed}`);
  writeFileSync(join(dir, "customers.jsonl"), lines(numbers(story.customers).map((n) => customer(n, story, random))));
  return signalsOf(story);
}

export const writeSignals = (dir: string, signals: readonly SignalJson[]): void =>
  writeFileSync(join(dir, "signals.jsonl"), lines(signals));

/** Delivery receipts for an earlier run of the same signals, dated after its last signal. */
export function receiptsFor(deliveries: readonly { deliveryId: string; customerId: string }[], after: Instant, seed: string): SignalJson[] {
  const random = seededRandom(`receipts ${seed}`);
  return deliveries
    .filter(() => random() < 0.5)
    .map(({ deliveryId, customerId }, n) => {
      const type = pick(
        ["delivery.opened", "delivery.clicked", "delivery.bounced", "delivery.complained", "delivery.unsubscribed"],
        random,
      );
      return signal(`receipt-${n}`, "provider", type, customerId, after + (n + 1) * 7 * MINUTE, { deliveryId });
    });
}

// --- internal ---

const SETTINGS = `version: 1
name: Kills
timezone: America/Chicago
departments: [sales, service, marketing]
goals: {keep_driving: {weight: 20}}
moments:
  lease_ending: {on: [lease.updated, clock.daily], when: "daysUntil(customer.lease.endsOn) <= 60", expires: 20d, once: 30d, closes: [lease.decided]}
  browsing: {on: page.viewed, when: "count('page.viewed', '1h') >= 1", expires: 2d, urgency: 0.3}
  complaint: {on: complaint.filed, expires: 5d, urgency: 0.9}
  asked: {on: message.received, expires: 2d, urgency: 0.8}
  late_shop: {absent: {signal: grocery.purchased, for: 3d}, expires: 2d}
promises:
  final_charges: {opens: lease.returned, due: 3d, owner: service, closes: lease.charges_posted, whileOpen: {suppress: [sales, marketing]}}
channels:
  email: {kind: file}
  sms: {kind: file}
  desk: {kind: human, queue: showroom}
governance:
  review: 24h
  caps:
    - {id: weekly, max: 3, window: 7d}
    - {id: sms-daily, channel: sms, max: 1, window: 1d, calendar: true}
    - {id: marketing, department: marketing, max: 2, window: 7d}
  quietHours: [{channels: [sms], from: "21:00", to: "08:00"}]
  suppress:
    - {when: "customer.openCases > 2", departments: [sales, marketing], reason: open service case}
    - {after: {outcome: ignored, times: 2, within: 30d}, for: 10d, scope: experience}
  consent: {email: opt_out, sms: opt_in}
  approval: [{when: "experience.value > 5000", reason: high value}]
  holdout: 0.03
learning: {explore: none}
`;

const EXPERIENCES: Readonly<Record<string, string>> = {
  "lease-options": `department: sales
serves: [lease_ending]
goal: keep_driving
value: 900
channels:
  email: {subject: "Your lease ends {{ customer.lease.endsOn }}", body: "Hello {{ customer.firstName }}"}
  desk: {summary: "Show options to {{ customer.firstName }}", dueIn: 4h}
success: {signal: lease.decided, within: 10d}
`,
  "lease-upgrade": `department: sales
serves: [lease_ending]
value: 6000
suitability: [customer.credit >= 700]
channels: {email: {subject: "An upgrade for {{ customer.firstName }}", body: "Come and see it"}}
`,
  "browse-nudge": `department: marketing
serves: [browsing]
value: 10
limits: {perCustomer: 2, window: 7d, total: 25}
action: {tool: update_traits, input: {traits: {nudges: {last: "{{ moment.data.page }}"}}}}
channels: {sms: {text: "Still looking at {{ moment.data.page }}? Noted as {{ action.updated | join: ',' }}"}}
`,
  "complaint-case": `department: service
serves: [complaint]
value: 300
action: {tool: open_case, input: {subject: "{{ moment.data.subject }}"}}
promise: {name: callback, due: 8h, owner: service}
channels: {email: {subject: "We are sorry", body: "Your case is {{ action.caseId }}"}}
`,
  "complaint-desk": `department: service
serves: [complaint]
value: 100
channels: {desk: {summary: "Call {{ customer.firstName }}", dueIn: 1h}}
`,
  "answer-message": `department: service
serves: [asked]
value: 200
transactional: true
action: {tool: open_promise, input: {name: follow_up, due: 5h, owner: service}}
channels: {email: {subject: "Your message", body: "We answer by {{ action.due }}"}}
`,
  "come-back": `department: marketing
serves: [late_shop]
value: 20
limits: {total: 12}
channels:
  sms: {text: "We miss you, {{ customer.firstName }}"}
  email: {subject: "We miss you", body: "Come back, {{ customer.firstName }}"}
`,
};

const ZONES = ["America/Chicago", "America/New_York", "Europe/Berlin", "Pacific/Auckland", undefined];

function customer(n: number, { from }: Story, random: Random) {
  const zone = pick(ZONES, random);
  return {
    id: `c-${n}`,
    traits: {
      firstName: `Ada${n}`,
      credit: 600 + Math.floor(random() * 200),
      lease: { endsOn: iso(from + Math.floor(random() * 90) * DAY).slice(0, 10) },
    },
    identities: [
      { type: "email", value: `c${n}@example.org` },
      { type: "phone", value: `+1555${String(n).padStart(7, "0")}` },
    ],
    consents: random() < 0.7 ? [{ channel: "sms", status: "granted" }] : [],
    ...(zone === undefined ? {} : { timezone: zone }),
    source: "crm",
    at: iso(from - 30 * DAY),
  };
}

type Make = (subject: string, random: Random) => { readonly type: string; readonly data: Readonly<Record<string, unknown>> };

const MAKE: readonly Make[] = [
  () => ({ type: "grocery.purchased", data: { amount: 20 } }),
  (_, random) => ({ type: "page.viewed", data: { page: pick(["/lease", "/suv", "/van"], random) } }),
  (_, random) => ({ type: "page.viewed", data: { page: pick(["/lease", "/suv", "/van"], random) } }),
  // An empty subject is invalid input for the action: the case is not opened and the message is not sent.
  (_, random) => ({ type: "complaint.filed", data: { subject: random() < 0.8 ? "brakes" : "" } }),
  () => ({ type: "message.received", data: { channel: "email", text: "When?", thread: "t" } }),
  () => ({ type: "lease.updated", data: { traits: { lease: { active: true } } } }),
  () => ({ type: "lease.returned", data: {} }),
  () => ({ type: "lease.charges_posted", data: {} }),
  () => ({ type: "lease.decided", data: {} }),
  (_, random) => ({ type: "human.touch", data: { kind: pick(["visit", "call", "chat"], random), by: "Sam" } }),
  (_, random) => ({ type: "customer.consent", data: { channel: "sms", status: pick(["granted", "revoked"], random) } }),
  () => ({ type: "case.closed", data: { caseId: "none" } }),
];

function signalsOf({ seed, customers, signals, from }: Story): SignalJson[] {
  const random = seededRandom(`signals ${seed}`);
  const made: SignalJson[] = [];
  let at = from;
  for (const n of numbers(signals)) {
    // Sometimes several signals at one instant, and some that arrive late.
    if (random() > 0.2) at += Math.floor(random() * 90) * MINUTE;
    const subject = `c-${Math.floor(random() * customers)}`;
    const { type, data } = pick(MAKE, random)(subject, random);
    const late = random() < 0.1 ? Math.floor(random() * 12) * HOUR : 0;
    made.push(signal(`s-${n}`, "bench", type, subject, at - late, data));
    const before = made[Math.floor(random() * made.length)];
    if (random() < 0.05 && before) made.push(before);
    if (random() < 0.04) made.push(anonymousSignal(n, at, random));
  }
  return made;
}

/** A signal that names its customer by an identity, known or not. */
function anonymousSignal(n: number, at: Instant, random: Random): SignalJson {
  const value = random() < 0.5 ? `c${Math.floor(random() * 10)}@example.org` : `new${Math.floor(random() * 5)}@example.org`;
  const { subject: _subject, ...event } = signal(`i-${n}`, "web", "page.viewed", "", at, {
    page: "/van",
    identities: [{ type: "email", value }],
    traits: { firstName: "Eve" },
  });
  return event;
}

const signal = (id: string, source: string, type: string, subject: string, at: Instant, data: SignalJson["data"]): SignalJson => ({
  specversion: "1.0",
  id,
  source,
  type,
  subject,
  time: iso(at),
  data,
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");

function pick<T>(values: readonly T[], random: Random): T {
  // The index is below the length, and no list here is empty.
  return values[Math.floor(random() * values.length)] as T;
}
