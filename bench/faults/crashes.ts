import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { type Random, seededRandom, shuffled } from "../../domain/values/random.ts";
import { KEYS } from "../load/keys.ts";
import type { CrashOptions } from "./crash-options.ts";
import { afterCrashes, type Crashed } from "./crash-promises.ts";
import { Deploys, FIRST_TEXT } from "./deploys.ts";
import { Load } from "./load.ts";
import { Processes } from "./processes.ts";
import type { Round } from "./promise.ts";
import { type Provider, startProvider } from "./provider.ts";
import { Recorded } from "./record.ts";
import type { OwnServers } from "./servers.ts";
import { waitUntilSettled } from "./waiting.ts";
import { hookTo, writeWorkspace } from "./workspace.ts";

/**
 * One server and two workers, killed at random, while PostgreSQL and Redis are restarted. Every signal leads to one decision and one
 * message, so losses and duplicates can be counted.
 */
export async function crashes(options: CrashOptions): Promise<Round> {
  const { servers, seed } = options;
  const random = seededRandom(`crashes ${seed}`);
  const provider = await startProvider(() => ({ behaviour: "takes", afterMs: random() < 0.1 ? 300 + random() * 700 : random() * 30 }));
  const databaseUrl = await servers.database("crashes");
  const recorded = new Recorded(databaseUrl);
  const workspace = writeWorkspace(`channels: {hook: ${hookTo(provider.url)}}\nmoments: {m: {on: go, expires: 1d}}\n`, {
    e: `serves: [m]\nchannels: {hook: {payload: {text: ${FIRST_TEXT}}}}`,
  });
  const processes = new Processes({ ...KEYS, DATABASE_URL: databaseUrl, REDIS_URL: servers.redisUrl }, workspace.dir);
  try {
    await processes.start(WORKERS);
    const deploys = new Deploys(workspace.dir, () => processes.url);
    const crashed = await injectFaults({ options, random, recorded, processes, provider, deploys });
    return await afterCrashes(crashed);
  } finally {
    if (options.logs !== undefined) writeLogs(options.logs, processes);
    await processes.stop();
    await provider.close();
    await recorded.close();
    workspace.remove();
  }
}

// --- internal ---

const WORKERS = ["worker a", "worker b"];
const CUSTOMERS = 1_000;

/**
 * Faults are delayed on a slow machine: with more than this unacknowledged or open, they would hit only a backlog, and the time to
 * drain it would measure the machine.
 */
const MAX_LEFT = 500;
const MAX_OPEN = 1_500;
const LONGEST_WAIT_MS = 20_000;

/** After the last fault everything must be settled within this. */
const END_MS = 120_000;

type Kind =
  | "published and rolled back"
  | "the same with a kill"
  | "kill -9 of the server"
  | "kill -9 of a worker"
  | "PostgreSQL restarted"
  | "Redis restarted"
  | "Redis flushed";

interface Injection {
  readonly options: CrashOptions;
  readonly random: Random;
  readonly recorded: Recorded;
  readonly processes: Processes;
  readonly provider: Provider;
  readonly deploys: Deploys;
}

async function injectFaults({ options, random, recorded, processes, provider, deploys }: Injection): Promise<Crashed> {
  const { servers, signals: count } = options;
  const signals = Array.from({ length: count }, (_, n) => ({ id: `s-${n}`, type: "go", subject: `c-${n % CUSTOMERS}` }));
  const load = new Load(signals, () => processes.url);
  const kinds = shuffled(faultsOf(options), random);
  const faults: string[][] = [["fault", "at", "hit", "acknowledged"]];
  const outages: { from: number; to: number }[] = [];
  const began = performance.now();
  let landed = 0;
  let isGivenUp = false;
  const loading = load.run(() => isGivenUp);
  for (const [n, kind] of kinds.entries()) {
    load.release((n + 1) / kinds.length);
    await pause(500 + random() * 3_000);
    await until(async () => load.left < MAX_LEFT && (await recorded.open()) < MAX_OPEN, LONGEST_WAIT_MS);
    const isInFlight = !load.isOver || (await recorded.open()) > 0;
    if (isInFlight) landed++;
    const at = ((performance.now() - began) / 1000).toFixed(1);
    faults.push([kind, `${at} s`, isInFlight ? "work in flight" : "nothing", String(load.acknowledged.size)]);
    const from = Date.now();
    await inflict(kind, { servers, processes, random, deploys });
    if (kind === "PostgreSQL restarted") outages.push({ from, to: Date.now() });
  }
  const last = performance.now();
  await Promise.race([loading, pause(END_MS)]);
  isGivenUp = true;
  const waited = await waitUntilSettled(recorded, processes, END_MS - (performance.now() - last));
  const jobsInWork = await jobsLeft(servers.redisUrl);
  return {
    ...{ options, load, faults, landed, outages, recorded, processes, provider, deploys, waited, jobsInWork },
    endedAfterMs: performance.now() - last,
  };
}

const faultsOf = ({ kills, deploys, postgresRestarts, redisRestarts }: CrashOptions): Kind[] => [
  ...Array.from({ length: deploys }, (_, n): Kind => (n % 2 === 0 ? "published and rolled back" : "the same with a kill")),
  ...Array.from({ length: kills }, (_, n): Kind => (n % 3 === 0 ? "kill -9 of the server" : "kill -9 of a worker")),
  ...Array.from({ length: postgresRestarts }, (): Kind => "PostgreSQL restarted"),
  ...Array.from({ length: redisRestarts }, (): Kind => "Redis restarted"),
  "Redis flushed",
];

async function inflict(
  kind: Kind,
  { servers, processes, random, deploys }: Pick<Injection, "processes" | "random" | "deploys"> & { readonly servers: OwnServers },
): Promise<void> {
  const one = (names: readonly string[]): string => names[Math.floor(random() * names.length)] ?? "";
  if (kind === "published and rolled back") await deploys.deploy(random);
  else if (kind === "the same with a kill") {
    const killAfterMs = random() * 300;
    await Promise.all([deploys.deploy(random), pause(killAfterMs).then(() => processes.kill(one(["server", ...WORKERS])))]);
  } else if (kind === "kill -9 of the server") processes.kill("server");
  else if (kind === "kill -9 of a worker") processes.kill(one(WORKERS));
  else if (kind === "PostgreSQL restarted") await servers.restartPostgres();
  else if (kind === "Redis restarted") await servers.restartRedis();
  else await servers.flushRedis();
}

async function until(holds: () => Promise<boolean>, ms: number): Promise<void> {
  for (const end = performance.now() + ms; !(await holds()) && performance.now() < end; ) await pause(100);
}

function writeLogs(file: string, { logs }: Processes): void {
  const lines = [...logs].flatMap(([name, said]) => said.map((line) => `${name}: ${line}`));
  writeFileSync(file, `${lines.join("\n")}\n`);
}

/** Jobs that are still active in the queue although no work is left, after waiting for their locks to expire. */
async function jobsLeft(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    for (let look = 0; ; look++) {
      const inWork = await Promise.all((await redis.keys("sentient-*:active")).map((key) => redis.llen(key)));
      const all = inWork.reduce((sum, jobs) => sum + jobs, 0);
      if (all === 0 || look === 40) return all;
      await pause(1_000);
    }
  } finally {
    redis.disconnect();
  }
}
