import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Listening, listen } from "../server/listen.ts";
import { READS_TYPESCRIPT } from "../testing/process.ts";
import type { TestService } from "../testing/service.ts";
import { fill, openDecided } from "./console/filled-store.ts";
import { milliseconds, spread } from "./machine.ts";

/** The cost of open consoles for the deciding, and how their reads grow with the store. On the embedded engine, which is one connection. */
export async function benchConsole() {
  return [await benchDeciding(), await benchReads()];
}

// --- internal ---

const CONSOLES = 5;
const SIGNALS = 2_000;
/** Pairs of rounds, each once without and once with consoles. */
const PAIRS = 5;
const CUSTOMERS = 1_000;

async function benchDeciding() {
  const on = await openDecided(1);
  const listening = await listen(on.app, { host: "127.0.0.1", port: 0 });
  try {
    await decide(on);
    const rounds = { without: [] as Round[], with: [] as Round[] };
    for (let n = 0; n < PAIRS; n++) {
      rounds.without.push(await decide(on));
      const readers = await openConsoles(listening);
      await decide(on);
      rounds.with.push(await decide(on));
      await closed(readers);
    }
    const ratio = (of: (round: Round) => number): string =>
      (spread(rounds.with.map(of)).median / spread(rounds.without.map(of)).median).toFixed(3);
    return {
      title: `console: decisions a second with ${CONSOLES} consoles open on /decisions, in a process of their own; ${PAIRS} rounds of ${SIGNALS} signals each`,
      rows: [
        ["", "decisions/s", "slowest", "fastest", "decisions per CPU second"],
        ["without", ...perSecond(rounds.without)],
        [`with ${CONSOLES}`, ...perSecond(rounds.with)],
        ["ratio (goal: at least 0.98)", ratio(({ rate }) => rate), "", "", ratio(({ perCpuSecond }) => perCpuSecond)],
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

const perSecond = (rounds: readonly Round[]): string[] => {
  const { median, least, most } = spread(rounds.map(({ rate }) => rate));
  return [median, least, most, spread(rounds.map(({ perCpuSecond }) => perCpuSecond)).median].map((rate) => rate.toFixed(0));
};

/** Sends signals in batches and waits until they are decided. */
async function decide({ post, settled }: TestService): Promise<Round> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let from = 0; from < SIGNALS; from += 200) {
    const batch = Array.from({ length: 200 }, (_, n) => ({
      specversion: "1.0",
      id: crypto.randomUUID(),
      source: "bench",
      type: "go",
      subject: `b-${(from + n) % CUSTOMERS}`,
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
  const p95 = new Map<string, number[]>();
  for (const size of SIZES) {
    const on = await openDecided(2);
    try {
      await fill(on, size, Math.max(1, size / 1_000));
      for (const [name, path] of READS) p95.set(name, [...(p95.get(name) ?? []), await p95Of(on, path)]);
    } finally {
      await on.close();
    }
  }
  return {
    title: `console: p95 of ${ASKED} reads, ${SIZES.map((size) => size.toLocaleString("en-US")).join(" against ")} decisions, embedded`,
    rows: [
      ["", ...SIZES.map((size) => size.toLocaleString("en-US")), "times as long"],
      ...READS.map(([name]) => {
        const [few = 0, many = 0] = p95.get(name) ?? [];
        return [name, milliseconds(few), milliseconds(many), (many / few).toFixed(2)];
      }),
    ],
    last: "console goals: the first page at most 1.3 times, a story at most 150 ms, decisions a second at least 0.98",
  };
}

async function p95Of({ get }: TestService, path: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ASKED + 20; n++) {
    const began = performance.now();
    await get(path);
    times.push(performance.now() - began);
  }
  const sorted = times.slice(20).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0;
}
