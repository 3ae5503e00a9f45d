import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { readSignal } from "../domain/entities/signal.ts";
import { createWorker } from "../engine/worker.ts";
import { importCustomers, readCustomers } from "../intake/import-customers.ts";
import { createIngest } from "../intake/ingest.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { channelsOf } from "../runtime/load-channels.ts";
import { actionTools } from "../runtime/load-tools.ts";
import { silentLog } from "../telemetry/log.ts";
import { engines } from "../testing/service.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { writeBoughtWorkspace } from "./load/bought-workspace.ts";
import { openSink, type Sink } from "./load/load.ts";
import { cpuSeconds } from "./load/processor-time.ts";
import { spread } from "./machine.ts";

const FEW = 10_000;
const MANY = Number(process.env.BENCH_CUSTOMERS ?? 1_000_000);
const ROUNDS = 7;
/** Decisions a round. */
const SIGNALS = 1_024;
/** Signals ingested before each drain. */
const AT_ONCE = 256;

/**
 * CPU cost of a decision with few and with many customers: signals of random customers are ingested, decided and sent to a local sink,
 * alternating between two stores on the same engine. CPU time of this process and of the database.
 */
export async function benchCustomers() {
  const rows = [["", "customers", "CPU ms a decision", "least", "most", "times as much"]];
  for (const engine of engines.filter(({ name }) => name !== "PostgreSQL and Redis")) {
    const sink = await openSink();
    const stores = [await fill(await engine.place(), FEW, sink), await fill(await engine.place(), MANY, sink)];
    const costs = stores.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [index, store] of stores.entries()) {
        const cost = await store.round();
        // The first round is the warm-up.
        if (round > 0) costs[index]?.push(cost);
      }
    }
    const [few = Number.NaN] = costs.map((all) => spread(all).median);
    for (const [index, customers] of [FEW, MANY].entries()) {
      const { median, least, most } = spread(costs[index] ?? []);
      const [a, b, c] = [median, least, most].map((ms) => ms.toFixed(2));
      rows.push([engine.name, String(customers), a ?? "", b ?? "", c ?? "", (median / few).toFixed(2)]);
    }
    for (const store of stores) await store.remove();
    await sink.close();
  }
  return { title: "customers: what a decision costs with few and with many", rows };
}

// --- internal ---

type Place = Awaited<ReturnType<(typeof engines)[number]["place"]>>;

async function fill(place: Place, customers: number, sink: Sink) {
  const dir = writeBoughtWorkspace(sink.url, FEW);
  const { policy, customersFile = "" } = loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: actionTools });
  const where = place.databaseUrl === undefined ? { dataDir: join(dir, ".sentient") } : { databaseUrl: place.databaseUrl };
  const runtime = await createRuntime({ policy, live: true, now: Date.now, ...where });
  await importCustomers(readCustomers(customersFile).lines, Date.now(), runtime.store, policy);
  await multiply(runtime, customers);
  return { round: () => oneRound(runtime, place, customers), remove };

  async function remove(): Promise<void> {
    await runtime.close();
    await place.remove();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Copies imported customers up to the given number; then runs vacuum and analyze, as a server's autovacuum would. */
async function multiply({ store: { database } }: Runtime, customers: number): Promise<void> {
  const { pool } = database;
  for (let from = FEW; from < customers; from += 50_000) {
    const range = [from, Math.min(from + 50_000, customers) - 1];
    await pool.query(
      `insert into customers (customer_id, version, origin, claims, seen, openings, created_at)
       select 'c-' || n, version, origin, claims, seen, openings, created_at from customers, generate_series($1::int, $2::int) n where customer_id = 'c-0'`,
      range,
    );
    await pool.query(
      `insert into consents (customer_id, channel, status, at, source, seq)
       select 'c-' || n, channel, status, at, source, seq from consents, generate_series($1::int, $2::int) n where customer_id = 'c-0'`,
      range,
    );
  }
  await pool.query("vacuum analyze");
}

/** CPU milliseconds for each decision of a round. */
async function oneRound({ store, decider }: Runtime, place: Place, customers: number): Promise<number> {
  const worker = createWorker({ store, decider, now: Date.now, newId: randomUUID, log: silentLog, concurrency: 1 });
  const ingest = createIngest({ inbox: store.inbox, now: Date.now, channels: {}, onAccepted: () => {} });
  const places = place.databaseUrl === undefined ? {} : { databaseUrl: place.databaseUrl };
  const { user, system } = process.cpuUsage();
  const before = cpuSeconds([], places).postgres;
  for (let sent = 0; sent < SIGNALS; sent += AT_ONCE) {
    await ingest.take(Array.from({ length: AT_ONCE }, () => readSignal(bought(Math.floor(Math.random() * customers)))));
    await worker.drain();
  }
  const after = process.cpuUsage();
  const ours = (after.user + after.system - user - system) / 1000;
  return (ours + (cpuSeconds([], places).postgres - before) * 1000) / SIGNALS;
}

const bought = (customer: number): string =>
  JSON.stringify({
    ...{ specversion: "1.0", id: randomUUID(), source: "bench", type: "bought", subject: `c-${customer}` },
    data: { n: randomUUID(), amount: customer % 100 },
  });
