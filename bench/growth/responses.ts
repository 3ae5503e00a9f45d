import { randomUUID } from "node:crypto";
import { DAY, iso } from "../../domain/values/time.ts";
import type { Decider } from "../../engine/decide.ts";
import { createWorker } from "../../engine/worker.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { silentLog } from "../../telemetry/log.ts";
import { policyOf } from "../../testing/policy.ts";
import { cpuSeconds } from "../load/processor-time.ts";

/** Deliveries whose time for a response is over, each of another customer. */
const ENDS = 4_000;
const WARM_UP = 1_000;
const BEGIN = Date.UTC(2026, 5, 1, 15);

const POLICY = policyOf("moments: {m: {on: go, expires: 1h}}", ["id: e\nserves: [m]\nchannels: {box: {text: Hello}}"]);

/** What the end of the time for a response costs where nobody hears of it, and what it would cost as a wake. */
export async function growthOfResponses() {
  const rows = [["engine", "settled at once, CPU ms", "as a wake, CPU ms", "ratio", "wakes that the graph decided"]];
  for (const databaseUrl of [undefined, process.env.DATABASE_URL]) {
    if (databaseUrl === undefined && rows.length > 1) continue;
    const quick = await measure(databaseUrl, {});
    const whole = await measure(databaseUrl, { endResponses: async () => new Set() });
    rows.push([
      databaseUrl === undefined ? "embedded" : "PostgreSQL",
      ...[quick.ms.toFixed(3), whole.ms.toFixed(3), (quick.ms / whole.ms).toFixed(2)],
      `${quick.decided} and ${whole.decided} of ${ENDS}`,
    ]);
  }
  return { title: "growth: the end of the time for a response", rows };
}

// --- internal ---

async function measure(databaseUrl: string | undefined, change: Partial<Decider>): Promise<{ ms: number; decided: number }> {
  const where = databaseUrl === undefined ? {} : { databaseUrl, temporary: true };
  await using runtime = await createRuntime({ policy: POLICY, live: true, now: () => BEGIN, ...where });
  const { store, decider } = runtime;
  let decided = 0;
  const counted: Decider = {
    ...decider,
    ...change,
    decide(wakes, options) {
      decided += wakes.length;
      return decider.decide(wakes, options);
    },
  };
  const worker = createWorker({ store, decider: counted, now: () => BEGIN, newId: randomUUID, log: silentLog, concurrency: 1 });
  const used = (): number => {
    const { app, postgres } = cpuSeconds([process.pid], databaseUrl === undefined ? {} : { databaseUrl });
    return 1_000 * (app + postgres);
  };
  await store.database.pool.query(FILL, [0, WARM_UP, iso(BEGIN), iso(BEGIN - 7 * DAY)]);
  await worker.drain();
  await store.database.pool.query(FILL, [WARM_UP, ENDS, iso(BEGIN), iso(BEGIN - 7 * DAY)]);
  for (const table of ["customers", "deliveries", "timers"]) await store.database.pool.query(`vacuum (analyze) ${table}`);
  decided = 0;
  const began = used();
  await worker.drain();
  return { ms: (used() - began) / ENDS, decided };
}

const FILL = `
with n as (select 'c-' || n as customer_id, 'm-' || n as delivery_id from generate_series($1::int, $1::int + $2::int - 1) n
), c as (
  insert into customers (customer_id, version, origin, claims, seen, openings, created_at)
  select customer_id, 1, '{"kind": "import", "at": 0}', '{}', '{}', '{}', $4::timestamptz from n
), d as (
  insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen, features)
  select delivery_id, delivery_id, customer_id, 'e', 'box', 'sent', $4::timestamptz, $4::timestamptz, '["m"]', $3::timestamptz, '{}', '{}', '["bias"]' from n
)
insert into timers (customer_id, key, name, due) select customer_id, 'response:' || delivery_id, 'response:' || delivery_id, $3::timestamptz from n`;
