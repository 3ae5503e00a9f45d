import { checkSignal } from "../../domain/entities/signal.ts";
import { DAY, iso, MINUTE, SECOND } from "../../domain/values/time.ts";
import { runStream } from "../../engine/run-stream.ts";
import { signalLine } from "../../intake/read-signals.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import type { Pool } from "../../store/engines/database.ts";
import { policyOf } from "../../testing/policy.ts";
import { cpuSeconds } from "../load/processor-time.ts";

const SIZES = [10, 100, 1_000, 10_000];
/** Wakes of a round, each of another customer, and rounds that are measured. */
const WAKES = 8;
const ROUNDS = 15;
/** Before this time lies the past. */
const BEGIN = Date.UTC(2026, 5, 1, 15);

/** What a decision costs by what its customer has behind her: deliveries with an outcome each, and signals that a `count()` counts. */
export async function growthOfThePast() {
  const rows = [["", "engine", "of each customer", "CPU ms a decision", "against 10"]];
  for (const databaseUrl of [undefined, process.env.DATABASE_URL]) {
    if (databaseUrl === undefined && rows.length > 1) continue;
    for (const [name, dimension] of Object.entries(DIMENSIONS)) {
      let first: number | undefined;
      for (const size of SIZES) {
        const ms = await measure(dimension, size, databaseUrl);
        first ??= ms;
        rows.push([name, databaseUrl === undefined ? "embedded" : "PostgreSQL", String(size), ms.toFixed(2), (ms / first).toFixed(2)]);
      }
    }
  }
  return { title: `growth: a customer's past (rounds of ${WAKES}, ${ROUNDS} of them)`, rows };
}

// --- internal ---

interface Dimension {
  readonly settings: string;
  readonly experience: string;
  /** Writes so much into the past of each customer of `c`. */
  readonly sql: string;
}

const CUSTOMERS = `(select 'c-' || n as customer_id from generate_series(0, ${WAKES - 1}) n) c`;

// A fortieth of the deliveries lies within the last ten days; every second one is of the experience that is decided about.
const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  "deliveries and outcomes": {
    settings: `
      moments: {m: {on: go, expires: 1h}}
      governance: {suppress: [{after: {outcome: ignored, times: 2, within: 2d}, for: 60d, scope: experience}]}`,
    experience: "limits: {perCustomer: 1000, window: 1d}\nsuccess: {signal: bought, within: 3d}",
    sql: `with d as (
        insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen, taught)
        select c.customer_id || '-m' || n, c.customer_id || '-d' || n, c.customer_id, case when n % 2 = 0 then 'e' else 'before' end, 'box', 'delivered', at, at, '["m"]', at, '{}', '{}', true
          from ${CUSTOMERS} cross join generate_series(1, $1::int) n
         cross join lateral (select $2::timestamptz - make_interval(secs => ${(400 * DAY) / SECOND}.0 * n / $1::int) as at) t
        returning delivery_id, customer_id, experience_id, channel, reserved_at
      )
      insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, at, reward)
      select delivery_id, customer_id, case when experience_id = 'e' then 'opened' else 'ignored' end, experience_id, channel, reserved_at, 0 from d`,
  },
  "counted signals": {
    settings: `moments: {m: {on: go, expires: 1h, when: "count('page.viewed', '30d') >= 5"}}`,
    experience: "",
    sql: `insert into signals (seq, source, id, type, customer_id, time, received_at, event, body_hash)
      select -row_number() over (), 'given', c.customer_id || n, 'page.viewed', c.customer_id, at, at, '{}', ''
        from ${CUSTOMERS} cross join generate_series(1, $1::int) n
       cross join lateral (select $2::timestamptz - make_interval(secs => ${(20 * DAY) / SECOND}.0 * n / $1::int) as at) t`,
  },
};

async function measure({ settings, experience, sql }: Dimension, size: number, databaseUrl: string | undefined): Promise<number> {
  const policy = policyOf(settings, [experience]);
  await using runtime = await createRuntime({
    policy,
    live: false,
    now: Date.now,
    ...(databaseUrl === undefined ? {} : { databaseUrl, temporary: true }),
  });
  const used = (): number => {
    const { app, postgres } = cpuSeconds([process.pid], databaseUrl === undefined ? {} : { databaseUrl });
    return 1_000 * (app + postgres);
  };
  const { pool } = runtime.store.database;
  await decideRound(runtime, 0);
  await pool.query(sql, [size, iso(BEGIN)]);
  await vacuum(pool);
  // Warm-up.
  for (const round of [1, 2, 3]) await decideRound(runtime, round);
  const began = used();
  for (let round = 4; round < 4 + ROUNDS; round++) await decideRound(runtime, round);
  return (used() - began) / (ROUNDS * WAKES);
}

/** As a server does by itself after so many new rows. */
async function vacuum(pool: Pool): Promise<void> {
  for (const table of ["deliveries", "outcomes", "signals"]) await pool.query(`vacuum (analyze) ${table}`);
}

async function decideRound(runtime: Awaited<ReturnType<typeof createRuntime>>, round: number): Promise<void> {
  await runStream(wakes(round), { ...runtime, onDecision: () => {} });
}

async function* wakes(round: number) {
  for (let place = 0; place < WAKES; place++) {
    const time = iso(BEGIN + round * 90 * MINUTE);
    const event = { specversion: "1.0", id: `s-${round}-${place}`, source: "bench", type: "go", subject: `c-${place}`, time };
    yield signalLine(place + 1, checkSignal(event));
  }
}
