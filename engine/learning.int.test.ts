import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import { armOf, EVERYONE } from "../domain/learning/lessons.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { DAY, iso } from "../domain/values/time.ts";
import { bodyHashOf, type SignalLine } from "../intake/read-signals.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { policyOf } from "../testing/policy.ts";
import { runStream } from "./run-stream.ts";

const policy = policyOf(
  `
  moments: {m: {on: go, expires: 1d}}
  learning: {explore: thompson, features: [customer.segment]}
  governance: {caps: []}
  `,
  ["plain", "warm"].map((id) => `id: ${id}\nserves: [m]\nsuccess: {signal: bought, within: 2d}\nchannels: {box: {text: Hello}}`),
);
const START = Date.UTC(2026, 0, 5, 12);
const EACH_DAY = 40;

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ policy, live: false, now: Date.now });
});
afterAll(() => runtime.close());

function aLine(id: string, type: string, subject: string, time: number, segment?: string, given: JsonObject = {}): SignalLine {
  const data = segment === undefined ? given : { traits: { segment } };
  const event = { specversion: "1.0", id, source: "test", type, subject, time: iso(time), data } as const;
  return { line: 1, event, time, bodyHash: bodyHashOf(event) };
}

async function replayed(lines: readonly SignalLine[]): Promise<Decision[]> {
  const decisions: Decision[] = [];
  const stream = (async function* () {
    yield* lines;
  })();
  await runStream(stream, { store: runtime.store, decider: runtime.decider, onDecision: (one) => void decisions.push(one) });
  return decisions;
}

/** Customers in town A respond to the warm letter, those in town B to the plain one. */
const answers = (experienceId: string, segment: string): boolean => (segment === "A") === (experienceId === "warm");

test("the best arm is learned by segment, from outcomes alone, and the record states the propensities", async () => {
  const right: number[] = [];
  const probabilities: number[] = [];
  for (let day = 0; day < 8; day++) {
    const at = START + day * DAY;
    const people = Array.from({ length: EACH_DAY }, (_, n) => ({ id: `c-${day}-${n}`, segment: n % 2 === 0 ? "A" : "B" }));
    const decisions = await replayed(people.map(({ id, segment }, n) => aLine(`go-${id}`, "go", id, at + n * 1000, segment)));
    const segmentOf = new Map(people.map(({ id, segment }) => [id, segment]));
    const happy = decisions.filter(({ experienceId = "", customerId }) => answers(experienceId, segmentOf.get(customerId) ?? ""));
    right.push(happy.length / decisions.length);
    probabilities.push(...decisions.map(({ probability }) => probability));
    await replayed(happy.map(({ customerId }, n) => aLine(`bought-${customerId}`, "bought", customerId, at + 3_600_000 + n * 1000)));
  }
  const last = right.slice(-2);
  expect(Math.min(...last)).toBeGreaterThan(0.75);
  expect(probabilities.every((one) => one > 0 && one <= 1)).toBe(true);
  expect(probabilities.some((one) => one > 0.02 && one < 0.98)).toBe(true);
});

test("each delivery is learned from once, when its outcome is known", async () => {
  const { pool } = runtime.store.database;
  const { rows } = await pool.query<{ sent: number; taught: number; waiting: number }>(
    `select count(*)::float8 as sent, count(*) filter (where taught)::float8 as taught,
            count(*) filter (where not taught and exists (select 1 from timers t where t.key = 'response:' || d.delivery_id))::float8 as waiting
       from deliveries d where status = 'sent'`,
    [],
  );
  const arms = (await runtime.store.shared(new Map())).arms;
  const outcomes = [...arms.values()].reduce((sum, { learned }) => sum + learned.outcomes, 0);
  const [counted] = rows;
  expect(counted?.taught).toBeGreaterThan(EACH_DAY);
  expect((counted?.taught ?? 0) + (counted?.waiting ?? 0)).toBe(counted?.sent);
  // Old outcomes decay a little.
  expect(Math.abs(outcomes - (counted?.taught ?? 0))).toBeLessThan(5);
});

test("a store that opens with a catalogue that has got variants gives the first what was learned before", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sentient-variants-"));
  const withVariants = policyOf("", ["channels: {box: {variants: {short: {text: Hi}, story: {text: Once}}}}"]);
  const options = { live: false, now: Date.now, dataDir };
  try {
    const before = await createRuntime({ policy: policyOf("", [""]), ...options });
    await before.store.database.pool.query(
      `insert into learned (experience_id, channel, state, version) values ('e', 'box', '{"version": 1, "outcomes": 3, "successes": 2, "failures": 1, "weights": []}', 3)`,
    );
    await before.close();
    const after = await createRuntime({ policy: withVariants, ...options });
    const arms = (await after.store.shared(new Map())).arms;
    await after.close();
    expect(arms.get(armOf("e", "box", "short"))?.learned).toMatchObject({ successes: 2, failures: 1 });
    expect(arms.get(armOf("e", "box", "story"))).toBeUndefined();
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test("hours are the same however wakes are batched, and everyone's habit is learned from outcomes alone", async () => {
  const waiting = policyOf(
    `
    moments: {m: {on: go, expires: 1d, urgency: 1}, n: {on: again, expires: 2d, urgency: 0.5}}
    learning: {explore: thompson, times: {channels: [box]}}
    governance: {caps: []}
    `,
    ["id: first", "id: second\nserves: [n]"],
  );
  const people = Array.from({ length: 24 }, (_, n) => `w-${n}`);
  const told = async (inOne: boolean) => {
    await using own = await createRuntime({ policy: waiting, live: false, now: Date.now });
    const decisions: Decision[] = [];
    const play = async (lines: readonly SignalLine[]) => {
      const stream = (async function* () {
        yield* lines;
      })();
      await runStream(stream, { store: own.store, decider: own.decider, onDecision: (one) => void decisions.push(one) });
    };
    await play(people.map((id, n) => aLine(`go-${id}`, "go", id, START + n * 1000)));
    const sent = new Map(decisions.map(({ customerId, deliveries }) => [customerId, deliveries[0]?.deliveryId ?? ""]));
    const later = people.flatMap((id, n) => {
      const at = START + 8 * 3_600_000 + n * 1000;
      const opened = aLine(`opened-${id}`, "delivery.opened", id, at, undefined, { deliveryId: sent.get(id) ?? "" });
      const next = people[(n + 7) % people.length] ?? id;
      return [opened, aLine(`again-${next}`, "again", next, at + 500)];
    });
    if (inOne) await play(later);
    else for (const line of later) await play([line]);
    const habit = (await own.store.shared(new Map())).arms.get(armOf(EVERYONE, "box"))?.habit;
    return { decisions, taken: habit?.takenByAge.reduce((sum, count) => sum + count, 0) };
  };
  const [together, apart] = [await told(true), await told(false)];
  const short = ({ customerId, action, until, hour, probability }: Decision) => [customerId, action, until, hour, probability];
  expect(together.decisions.map(short)).toEqual(apart.decisions.map(short));
  expect(together.decisions.filter(({ reasons }) => reasons.some(({ code }) => code === "better_time")).length).toBeGreaterThan(5);
  expect(together.taken).toBeCloseTo(people.length, 1);
});
