import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Listening, listen } from "../server/listen.ts";
import { READS_TYPESCRIPT } from "../testing/process.ts";
import type { TestService } from "../testing/service.ts";
import { fill, openDecided } from "./console/filled-store.ts";
import { benchPages } from "./console/pages.ts";
import { milliseconds, spread } from "./machine.ts";

/**
 * The cost of open consoles for the deciding, how their reads grow with the store, and what a reader waits for. On the embedded engine,
 * which is one connection.
 */
export async function benchConsole() {
  return [await benchDeciding(), await benchReads(), await benchPages()];
}

// --- internal ---

const CONSOLES = 5;
const SIGNALS = 2_000;
/** Pairs of rounds, each once without and once with consoles. */
const PAIRS = 5;

async function benchDeciding() {
  const on = await openDecided(1);
  let asked = 0;
  const counting: Pick<typeof on.app, "fetch"> = {
    fetch(...request) {
      asked++;
      return on.app.fetch(...request);
    },
  };
  const listening = await listen(counting, { host: "127.0.0.1", port: 0 });
  try {
    await decide(on);
    let looks = 0;
    const rounds = { without: [] as Round[], with: [] as Round[] };
    // Each after a round that is not counted; the second of a pair is the first of the next, as a store that grows gets slower.
    for (let n = 0; n < 2 * PAIRS; n++) {
      const kind = n % 4 === 0 || n % 4 === 3 ? "without" : "with";
      const readers = kind === "with" ? await openConsoles(listening) : undefined;
      await decide(on);
      asked = 0;
      rounds[kind].push(await decide(on));
      looks += asked;
      if (readers) await closed(readers);
    }
    const ratio = (of: (round: Round) => number): string =>
      (spread(rounds.with.map(of)).median / spread(rounds.without.map(of)).median).toFixed(3);
    const work = await workOf(on, looks, rounds.with);
    return {
      title: `console: decisions a second with ${CONSOLES} consoles open on /decisions, in a process of their own; ${PAIRS} rounds of ${SIGNALS} signals each`,
      rows: [
        ["", "decisions/s", "slowest", "fastest", "decisions per CPU second"],
        ["without", ...perSecond(rounds.without)],
        [`with ${CONSOLES}`, ...perSecond(rounds.with)],
        ["ratio (goal: at least 0.98)", ratio(({ rate }) => rate), "", "", ratio(({ perCpuSecond }) => perCpuSecond)],
        ["their work, counted: CPU time of their reads and of the watcher", ...work],
      ],
    };
  } finally {
    on.service.drain();
    await listening.close();
    await on.close();
  }
}

/** Decisions a second, and per second of this process's CPU time: the second does not depend on what else the machine does. */
interface Round {
  readonly rate: number;
  readonly perCpuSecond: number;
}

/** The part of the CPU time of rounds that consoles used: what they asked, times the CPU time of each. Another process does not change it. */
async function workOf({ get, service }: TestService, looks: number, rounds: readonly Round[]): Promise<string[]> {
  const look = await cpuSecondsOf(() => get(READS[0][1]));
  const watch = await cpuSecondsOf(() => service.store.marks.read([]));
  const seconds = rounds.reduce((sum, { rate }) => sum + SIGNALS / rate, 0);
  const used = rounds.reduce((sum, { perCpuSecond }) => sum + SIGNALS / perCpuSecond, 0);
  return [`${((100 * (looks * look + seconds * watch)) / used).toFixed(1)} %`, `${looks} reads`, `${milliseconds(look * 1_000)} each`, ""];
}

async function cpuSecondsOf(run: () => Promise<unknown>): Promise<number> {
  for (let n = 0; n < 20; n++) await run();
  const before = process.cpuUsage();
  for (let n = 0; n < 100; n++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / 100;
}

const perSecond = (rounds: readonly Round[]): string[] => {
  const { median, least, most } = spread(rounds.map(({ rate }) => rate));
  return [median, least, most, spread(rounds.map(({ perCpuSecond }) => perCpuSecond)).median].map((rate) => rate.toFixed(0));
};

/** Sends signals of new customers in batches and waits until they are decided: in every round each customer has the same history. */
async function decide({ post, settled }: TestService): Promise<Round> {
  const round = crypto.randomUUID();
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let from = 0; from < SIGNALS; from += 200) {
    const batch = Array.from({ length: 200 }, (_, n) => ({
      specversion: "1.0",
      id: crypto.randomUUID(),
      source: "bench",
      type: "go",
      subject: `${round}-${(from + n) % (SIGNALS / 2)}`,
    }));
    const response = await post("/v1/signals", batch);
    if (response.status !== 202) throw new Error(`signals were answered with ${response.status}`);
  }
  await settled();
  const { user, system } = process.cpuUsage(cpu);
  return { rate: SIGNALS / ((performance.now() - began) / 1000), perCpuSecond: SIGNALS / ((user + system) / 1e6) };
}

async function openConsoles({ url }: Listening): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...READS_TYPESCRIPT, join(import.meta.dirname, "console", "readers.ts"), url, String(CONSOLES)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let open = 0;
  for await (const line of createInterface({ input: child.stdout })) if (line === "open" && ++open === CONSOLES) break;
  return child;
}

const closed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGKILL");
  });

const SIZES = [1_000, 100_000] as const;
const ASKED = 200;

/** Reads measured at each size; a share of the decisions is that of `c-1`, so that her story has as many items at both. */
const READS = [
  ["first page of decisions, 100 lines", "/v1/decisions?view=line&limit=100"],
  ["first page of a story of 2,000 items", "/v1/customers/c-1/story?limit=100"],
  ["overview", "/v1/overview"],
] as const;

async function benchReads() {
  const stores: TestService[] = [];
  try {
    for (const size of SIZES) {
      const on = await openDecided(2);
      stores.push(on);
      await fill(on, size, Math.max(1, size / 1_000));
    }
    const rows: string[][] = [];
    for (const [name, path] of READS) {
      const [few = 0, many = 0] = await p95Of(stores, path);
      rows.push([name, milliseconds(few), milliseconds(many), (many / few).toFixed(2)]);
    }
    return {
      title: `console: p95 of ${ASKED} reads in turn, ${SIZES.map((size) => size.toLocaleString("en-US")).join(" against ")} decisions, embedded`,
      rows: [["", ...SIZES.map((size) => size.toLocaleString("en-US")), "times as long"], ...rows],
      last: "console goals: the first page at most 1.3 times, a story at most 150 ms, decisions a second at least 0.98",
    };
  } finally {
    for (const on of stores) await on.close();
  }
}

/** Asks each store in turn, so that a busy moment of the machine is in both. */
async function p95Of(stores: readonly TestService[], path: string): Promise<number[]> {
  const times = stores.map((): number[] => []);
  for (let n = 0; n < ASKED + 50; n++)
    for (const [store, { get }] of stores.entries()) {
      const began = performance.now();
      await get(path);
      if (n >= 50) times[store]?.push(performance.now() - began);
    }
  return times.map((of) => of.sort((a, b) => a - b)[Math.floor(of.length * 0.95)] ?? 0);
}
