import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../domain/values/random.ts";
import { READS_TYPESCRIPT } from "../testing/process.ts";
import type { Place } from "../testing/service.ts";
import { quantile } from "./load/load.ts";
import { post } from "./load/post.ts";
import { memoryOf } from "./load/processor-time.ts";

export interface SoakOptions {
  readonly place: Place;
  readonly seconds: number;
  /** Retention of signals and runs; history is kept twice, and signal keys three times as long. */
  readonly keepSeconds: number;
  readonly signalsPerSecond: number;
  readonly samples: number;
  readonly onSample?: (sample: Sample) => void;
}

export interface Sample {
  /** Seconds since the start. */
  readonly at: number;
  /** Resident memory of the service's process. */
  readonly megabytes: number;
  /** Signals accepted within the last retention period of history: fewer on a busy machine. */
  readonly taken: number;
  readonly rows: Readonly<Record<string, number>>;
}

/** Growth after the warm-up, as a share: of memory, and of the table that grew most. */
export interface Verdict {
  readonly isStable: boolean;
  readonly memory: number;
  readonly rows: number;
  /** Tables that grew by more than `MAX_GROWTH`. */
  readonly growing: readonly string[];
  readonly taken: number;
}

/** A larger share counts as growth. */
const MAX_GROWTH = 0.1;

/** Small tables vary by more than a tenth. */
const FEW_ROWS = 60;

const CUSTOMERS = 400;

/** Runs a service under load, and samples its table sizes and its memory. */
export async function soak(options: SoakOptions): Promise<Verdict> {
  const dir = mkdtempSync(join(tmpdir(), "sentient-soak-"));
  const sink = await openSink();
  const child = begin(options, dir, sink.url);
  try {
    const [{ url }] = (await once(child, "message")) as [{ url: string }];
    const posting = load(url, options.signalsPerSecond);
    const samples: Sample[] = [];
    const began = performance.now();
    for (let n = 1; n <= options.samples; n++) {
      await new Promise((resolve) => setTimeout(resolve, began + (n * options.seconds * 1000) / options.samples - performance.now()));
      const at = (performance.now() - began) / 1000;
      const taken = posting.takenIn(options.keepSeconds * 2);
      const sample = { at, taken, megabytes: memoryOf(child.pid ?? 0), rows: await rowsOf(child) };
      samples.push(sample);
      options.onSample?.(sample);
    }
    return { ...verdictOf(samples), taken: posting.stop() };
  } finally {
    const ended = once(child, "exit");
    child.send("stop");
    await ended;
    await sink.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

// --- internal ---

function begin({ place, keepSeconds }: SoakOptions, dir: string, sinkUrl: string): ChildProcess {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...environment } = process.env;
  return spawn(process.execPath, [...READS_TYPESCRIPT, join(import.meta.dirname, "soak-service.ts")], {
    env: {
      ...environment,
      ...{ SOAK_DATA: dir, SOAK_SINK: sinkUrl, SOAK_KEEP: String(keepSeconds) },
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      ...(place.redisUrl === undefined ? {} : { REDIS_URL: place.redisUrl }),
    },
    stdio: ["ignore", "inherit", process.env.SOAK_LOG ? "inherit" : "ignore", "ipc"],
  });
}

async function rowsOf(child: ChildProcess): Promise<Record<string, number>> {
  const answer = once(child, "message");
  child.send("rows");
  const [{ rows }] = (await answer) as [{ rows: Record<string, number> }];
  return rows;
}

const TYPES = ["go", "go", "go", "go", "page.viewed", "page.viewed", "bought", "asked", "ordered", "shipped"];

/** Posts signals at a rate. */
function load(url: string, perSecond: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const taken: number[] = [];
  const random = seededRandom("soak");
  const began = performance.now();
  let sent = 0;
  const send = (): void => {
    sent++;
    const type = TYPES[Math.floor(random() * TYPES.length)];
    const subject = `c-${Math.floor(random() * CUSTOMERS)}`;
    post(
      `${url}/v1/signals`,
      JSON.stringify({ specversion: "1.0", id: randomUUID(), source: "soak", type, subject, data: {} }),
      agent,
      (status) => {
        if (status === 202) taken.push(performance.now());
      },
    );
  };
  const timer = setInterval(() => {
    while (sent < ((performance.now() - began) * perSecond) / 1000) send();
  }, 20);
  return {
    takenIn: (seconds: number): number => taken.filter((at) => at > performance.now() - seconds * 1000).length,
    /** Returns how many were accepted. */
    stop(): number {
      clearInterval(timer);
      agent.destroy();
      return taken.length;
    },
  };
}

async function openSink() {
  const server = createServer((request, response) => request.resume().on("end", () => response.end("{}")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sink`, // A server that listens on a port has one.
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Compares the median of the third quarter with that of the last one: the first half is the warm-up. */
function verdictOf(samples: readonly Sample[]): Omit<Verdict, "taken"> {
  const quarter = Math.floor(samples.length / 4);
  const early = samples.slice(2 * quarter, 3 * quarter);
  const late = samples.slice(-quarter);
  const usual = median(late.map(({ taken }) => taken));
  // Normalised to a constant rate of accepted signals.
  const growth = (value: (sample: Sample) => number): number => {
    const even = (sample: Sample): number => (value(sample) * usual) / Math.max(1, sample.taken);
    const [before, after] = [early, late].map((some) => median(some.map(even))) as [number, number];
    return after - before <= FEW_ROWS ? Math.min(0, after - before) : (after - before) / before;
  };
  const tables = Object.keys(samples.at(-1)?.rows ?? {})
    .filter((table) => !BOUNDED.includes(table))
    .map((table) => [table, growth(({ rows }) => rows[table] ?? 0)] as const);
  const growing = tables.filter(([, share]) => share > MAX_GROWTH).map(([table]) => table);
  const [before, after] = [early, late].map((some) => median(some.map(({ megabytes }) => megabytes))) as [number, number];
  const memory = (after - before) / before;
  const rows = Math.max(0, ...tables.map(([, share]) => share));
  return { isStable: growing.length === 0 && memory <= MAX_GROWTH, memory, rows, growing };
}

/** Tables that the queue itself trims to 10,000 rows. */
const BOUNDED = ["job", "event"];

const median = (values: readonly number[]): number => quantile(values, 0.5);
