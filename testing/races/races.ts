import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Random, seededRandom } from "../../domain/values/random.ts";
import { DAY, HOUR } from "../../domain/values/time.ts";
import { orphansIn } from "../orphans.ts";
import { policyOf } from "../policy.ts";
import { openTestService, type Place, type TestService } from "../service.ts";
import { type Ledger, type Rules, violationsOf } from "./ledger.ts";
import { startWorkers } from "./workers.ts";

export interface RaceOptions {
  readonly seed: string;
  readonly place: Place;
  readonly customers: number;
  /** Signals per customer, all at once. */
  readonly signals: number;
  /** One cap instead of rules generated from the seed. */
  readonly cap?: number;
  /** Worker processes beside this one; only for stores that can be shared. */
  readonly processes: number;
}

export interface RaceReport {
  readonly signals: number;
  readonly deliveries: number;
  readonly heldBack: number;
  readonly revocations: number;
  readonly violations: readonly string[];
}

/**
 * Sends signals of two departments for many customers concurrently, with visits and revocations between them, under rules generated from
 * the seed; then checks the ledger against the rules, delivery by delivery.
 */
export async function race({ seed, place, customers, signals, cap, processes }: RaceOptions): Promise<RaceReport> {
  const random = seededRandom(`races ${seed}`);
  const { rules, settings, experiences } = cap === undefined ? randomPolicy(random) : policyOfOneCap(cap);
  const policy = policyOf(settings, experiences);
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-races-"));
  const service = await openTestService(policy, place, { dataDir, concurrency: 2 });
  const workers = await startWorkers(processes, { settings, experiences, place, dataDir });
  try {
    const revocations = await sendAll(service, random, customers, signals);
    await service.settled();
    const ledger = await readLedger(service, revocations);
    const [held] = await service.rows<{ n: number }>("select count(*)::float8 as n from decisions where action <> 'deliver'");
    return {
      signals: customers * signals,
      deliveries: ledger.deliveries.length,
      heldBack: held?.n ?? 0,
      revocations: revocations.length,
      violations: violationsOf(ledger, rules),
    };
  } finally {
    for (const worker of workers) await worker.stop();
    await service.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

// --- internal ---

const CHANNELS = ["box", "letter"];
const DEPARTMENTS = ["service", "marketing"];
const WINDOWS: readonly (readonly [string, number])[] = [
  ["1h", HOUR],
  ["24h", DAY],
  ["7d", 7 * DAY],
];

function randomPolicy(random: Random): { rules: Rules; settings: string; experiences: string[] } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const caps = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => {
    const [text, window] = pick(WINDOWS);
    const reach = pick([{}, {}, { channel: pick(CHANNELS) }, { department: pick(DEPARTMENTS) }]);
    return { id: `cap-${n}`, max: 1 + Math.floor(random() * 3), window, text, ...reach };
  });
  const kinds = Array.from({ length: 3 + Math.floor(random() * 3) }, (_, n) => ({
    id: `e-${n}`,
    department: DEPARTMENTS[n % 2] ?? "service",
    moment: `m-${n % 2}`,
    channels: pick([CHANNELS, [...CHANNELS].reverse(), [pick(CHANNELS)]]),
    value: 1 + Math.floor(random() * 100),
    ...(random() < 0.4 ? { perCustomer: 1 + Math.floor(random() * 2) } : {}),
    ...(random() < 0.3 ? { total: 5 + Math.floor(random() * 20) } : {}),
  }));
  return { rules: { caps, limits: kinds }, settings: settingsOf(caps), experiences: kinds.map(experienceOf) };
}

function policyOfOneCap(max: number): { rules: Rules; settings: string; experiences: string[] } {
  const caps = [{ id: "weekly", max, window: 7 * DAY, text: "7d" }];
  const kinds = DEPARTMENTS.map((department, n) => ({ id: `e-${n}`, department, moment: `m-${n}`, channels: CHANNELS, value: 1 }));
  return { rules: { caps, limits: [] }, settings: settingsOf(caps), experiences: kinds.map(experienceOf) };
}

type Kind = {
  id: string;
  department: string;
  moment: string;
  channels: readonly string[];
  value: number;
  perCustomer?: number;
  total?: number;
};

const settingsOf = (caps: readonly { id: string; max: number; text: string; channel?: string; department?: string }[]): string => `
  departments: [${DEPARTMENTS.join(", ")}]
  channels: {box: {kind: file}, letter: {kind: file}}
  moments:
    m-0: {on: go.service, expires: 30d}
    m-1: {on: go.marketing, expires: 30d}
  governance:
    caps:
${caps.map(({ id, max, text, channel, department }) => `      - {id: ${id}, max: ${max}, window: ${text}${channel ? `, channel: ${channel}` : ""}${department ? `, department: ${department}` : ""}}`).join("\n")}
  `;

const experienceOf = ({ id, department, moment, channels, value, perCustomer, total }: Kind): string =>
  [
    `id: ${id}`,
    `department: ${department}`,
    `serves: [${moment}]`,
    `value: ${value}`,
    ...(perCustomer === undefined && total === undefined
      ? []
      : [
          `limits: {${[...(perCustomer === undefined ? [] : [`perCustomer: ${perCustomer}`]), ...(total === undefined ? [] : [`total: ${total}`])].join(", ")}}`,
        ]),
    `channels: {${channels.map((channel) => `${channel}: {text: Hello}`).join(", ")}}`,
  ].join("\n");

interface Revocation {
  readonly customerId: string;
  readonly channel: string;
  /** When the sender learned that it was accepted. */
  readonly at: number;
}

/** Everything at once: signals of both departments at the same instant, with occasional visits and revocations. */
async function sendAll(service: TestService, random: Random, customers: number, signals: number): Promise<Revocation[]> {
  const revocations: Revocation[] = [];
  const sends = Array.from({ length: customers * signals }, (_, n) => ({
    customerId: `c-${n % customers}`,
    n,
    chance: random(),
    channel: CHANNELS[n % 2] ?? "box",
  }));
  await Promise.all(
    sends.map(async ({ customerId, n, chance, channel }) => {
      if (chance < 0.04) {
        await service.signal("customer.consent", customerId, { channel, status: "revoked" });
        revocations.push({ customerId, channel, at: Date.now() });
      } else if (chance < 0.08) await service.signal("human.touch", customerId, { kind: "visit" });
      else await service.signal(n % 2 === 0 ? "go.service" : "go.marketing", customerId, { n });
    }),
  );
  return revocations;
}

async function readLedger(service: TestService, revocations: readonly Revocation[]): Promise<Ledger> {
  const deliveries = await service.rows<Ledger["deliveries"][number]>(
    `select d.delivery_id as "deliveryId", d.customer_id as "customerId", d.experience_id as "experienceId", d.department, d.channel, d.status,
            ms(d.reserved_at) as "reservedAt", ms(d.claimed_at) as "claimedAt", s.seq::float8 as "wakeSeq"
       from deliveries d join decisions n using (decision_id)
       left join signals s on s.source = n.record -> 'wake' ->> 'source' and s.id = n.record -> 'wake' ->> 'signalId'
      order by d.reserved_at, d.delivery_id`,
  );
  const contacts = await service.rows<Ledger["contacts"][number]>(
    `select customer_id as "customerId", ms(time) as at, seq::float8 as seq from signals where type = 'human.touch'`,
  );
  const wakes = await service.rows<{ n: number }>(
    "select count(*)::float8 as n from (select record ->> 'wake' as wake, customer_id from decisions group by 1, 2 having count(*) > 1) twice",
  );
  return {
    deliveries,
    contacts,
    revocations,
    handedOver: service.outbox().map(({ deliveryId }) => deliveryId),
    decidedTwice: wakes[0]?.n ?? 0,
    orphans: await orphansIn(service.rows),
  };
}
