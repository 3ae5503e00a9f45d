import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { checkSignal } from "../../domain/entities/signal.ts";
import { createWorker } from "../../engine/worker.ts";
import { importCustomers, readCustomers } from "../../intake/import-customers.ts";
import { createIngest } from "../../intake/ingest.ts";
import { createRuntime } from "../../runtime/create-runtime.ts";
import { channelsOf } from "../../runtime/load-channels.ts";
import { actionTools } from "../../runtime/load-tools.ts";
import { silentLog } from "../../telemetry/log.ts";
import { engines } from "../../testing/service.ts";
import { loadWorkspace } from "../../workspace/load.ts";
import { writeBoughtWorkspace } from "./bought-workspace.ts";
import { Load, openSink } from "./load.ts";
import { cpuSeconds, watchCpu } from "./processor-time.ts";
import { type Place, type Subject, sentient } from "./service-under-load.ts";

/** Each is decided about once, as a customer with many open messages costs more. */
const CUSTOMERS = 10_000;
/** Decisions of a round. */
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];
/** Decisions of each size that are measured; before them as many as a process needs until its code is compiled. */
const MEASURED = 640;
const WARM_UP = 3_000;

/** Signals in flight for two workers: enough for several full rounds. */
const WAITING = 1_024;
const WINDOW_MS = Number(process.env.BENCH_WINDOW_MS ?? 12_000);

/** What a round costs by itself, and each decision in it; and what a second worker brings where enough is waiting for both. */
export async function benchRounds() {
  return [await fixedCost(), await secondWorker()];
}

/** The line of least squares through some points: `y = fixed + each · x`. */
export function lineThrough(points: readonly (readonly [x: number, y: number])[]): { readonly fixed: number; readonly each: number } {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(([one]) => one), mean(([, one]) => one)];
  const each = mean(([a, b]) => (a - x) * (b - y)) / mean(([a]) => (a - x) ** 2);
  return { fixed: y - each * x, each };
}

// --- internal ---

async function fixedCost() {
  const head = ["", "fixed, CPU ms a round", "CPU ms a further decision", ...SIZES.map((size) => `${size}`)];
  const rows = [head];
  for (const name of ["embedded", "PostgreSQL and Redis"]) {
    const place = await engines.find((one) => one.name === name)?.place();
    if (!place) continue;
    try {
      const costs = await costsOfRounds(place);
      const { fixed, each } = lineThrough(costs);
      rows.push([name, fixed.toFixed(1), each.toFixed(2), ...costs.map(([, ms]) => ms.toFixed(1))]);
    } finally {
      await place.remove();
    }
  }
  return { title: `CPU ms of a round of so many decisions, from claiming to the settled message, with the sink in the same process`, rows };
}

/** CPU milliseconds of a round of each size, of this process and the servers. */
async function costsOfRounds(place: Place): Promise<[number, number][]> {
  const sink = await openSink();
  const dir = writeBoughtWorkspace(sink.url, CUSTOMERS);
  const { policy, customersFile = "" } = loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: actionTools });
  await using runtime = await createRuntime({ ...place, policy, live: true, now: Date.now, onWallClock: true });
  const { store, decider } = runtime;
  await importCustomers(readCustomers(customersFile).lines, Date.now(), store, policy);
  const ingest = createIngest({ inbox: store.inbox, now: Date.now, channels: policy.channels, onAccepted: () => {} });
  const worker = createWorker({ store, decider, now: Date.now, newId: randomUUID, log: silentLog, concurrency: 1 });
  let usedMs = cpuMs(place);
  let [arrived, next] = [0, 0];
  sink.onArrival = () => arrived++;
  const round = async (size: number): Promise<number> => {
    const signals = Array.from({ length: size }, () => bought(`c-${next++ % CUSTOMERS}`));
    await ingest.take(signals);
    const [began, goal] = [usedMs(), arrived + size];
    await worker.drain();
    const ms = usedMs() - began;
    if (arrived < goal) throw new Error(`a round of ${size} sent ${arrived + size - goal} messages`);
    return ms;
  };
  for (let n = 0; n < WARM_UP; n += 100) await round(100);
  usedMs = cpuMs(place);
  const costs = new Map(SIZES.map((size) => [size, 0]));
  // In turns, so that a slow minute of the machine meets all sizes.
  for (let turn = 0; turn < MEASURED / Math.max(...SIZES); turn++)
    for (const size of SIZES)
      for (let n = 0; n < Math.max(...SIZES) / size; n++) costs.set(size, (costs.get(size) ?? 0) + (await round(size)));
  await sink.close();
  rmSync(dir, { recursive: true, force: true });
  return SIZES.map((size) => [size, ((costs.get(size) ?? 0) * size) / MEASURED]);
}

/** Of a server the kernel counts in hundredths of a second: only sums over many rounds say anything. */
function cpuMs(place: Place): () => number {
  const servers = watchCpu([], place);
  return () => {
    const { user, system } = process.cpuUsage();
    const { postgres, redis } = servers();
    return (user + system) / 1_000 + 1_000 * (postgres + redis);
  };
}

function bought(subject: string) {
  const id = randomUUID();
  return checkSignal({ specversion: "1.0", id, source: "bench", type: "bought", subject, data: { n: id, amount: 60 } });
}

async function secondWorker() {
  const rows = [["", "decisions/s", "CPU s / 1000", "decisions a CPU second, against one worker"]];
  let one: number | undefined;
  for (const workers of [1, 2]) {
    const place = await engines.find(({ name }) => name === "PostgreSQL and Redis")?.place();
    if (!place) continue;
    try {
      const { rate, cpu } = await underLoad(sentient(place, CUSTOMERS, { workers }), place);
      one ??= cpu;
      rows.push([`${workers} worker${workers === 1 ? "" : "s"}`, rate.toFixed(0), cpu.toFixed(2), (one / cpu).toFixed(2)]);
    } finally {
      await place.remove();
    }
  }
  return { title: `one serve and so many workers on the same processors, ${WAITING} signals in flight`, rows };
}

async function underLoad(start: ReturnType<typeof sentient>, place: Place): Promise<{ rate: number; cpu: number }> {
  const sink = await openSink();
  const subject: Subject = await start(sink);
  const load = new Load({ url: subject.url, sink, customers: CUSTOMERS, inFlight: WAITING });
  const used = (): number => {
    const { app, postgres, redis } = cpuSeconds(subject.pids, place);
    return app + postgres + redis;
  };
  try {
    await load.closedLoop(WINDOW_MS);
    const began = used();
    const rate = await load.closedLoop(WINDOW_MS);
    return { rate, cpu: (used() - began) / ((rate * WINDOW_MS) / 1_000_000) };
  } finally {
    await load.settled();
    load.close();
    await subject.stop();
    await sink.close();
  }
}
