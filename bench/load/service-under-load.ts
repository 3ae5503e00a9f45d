import { rmSync } from "node:fs";
import { type Started, startSentient } from "../../testing/process.ts";
import { writeBoughtWorkspace } from "./bought-workspace.ts";
import { watchDisk } from "./disk.ts";
import { KEYS } from "./keys.ts";
import { Load, openSink, quantile, type Sink } from "./load.ts";
import { cpuSeconds, memoryOf } from "./processor-time.ts";

export interface Place {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
}

/** The measurements of one subject. */
export interface Measured {
  /** Decisions a second in a closed loop. */
  readonly rate: number;
  /** Latency in milliseconds from when a post was due to its message at the sink, at half of that rate. */
  readonly waits: readonly number[];
  /** The same at a fixed rate. */
  readonly steady: { readonly rate: number; readonly waits: readonly number[] };
  /** Duration of synced block writes during both, in milliseconds. */
  readonly disk: readonly number[];
  /** CPU seconds for a thousand decisions: our processes, PostgreSQL's, Redis's. */
  readonly cpu: { readonly app: number; readonly postgres: number; readonly redis: number };
  readonly memoryMb: number;
  readonly missing: number;
  readonly twice: number;
}

export interface LoadShape {
  readonly customers: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Signals a second at which `steady` is measured. */
  readonly steadyRate: number;
}

/** A system under test: accepts signals over HTTP, and sends a message for each to the sink. */
export interface Subject {
  readonly url: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Measures a subject at its maximum rate, then at half of that rate and at a fixed one; messages are counted at the sink. */
export async function measureUnderLoad(start: (sink: Sink) => Promise<Subject>, place: Place, shape: LoadShape): Promise<Measured> {
  const { customers, warmUpMs, windowMs, steadyRate } = shape;
  const sink = await openSink();
  try {
    const subject = await start(sink);
    const load = new Load({ url: subject.url, sink, customers });
    try {
      await load.closedLoop(warmUpMs);
      const before = cpuSeconds(subject.pids, place);
      const rate = await load.closedLoop(windowMs);
      const after = cpuSeconds(subject.pids, place);
      const thousands = (rate * windowMs) / 1_000_000;
      await load.settled();
      const stopDiskWatch = await watchDisk();
      const waits = await load.openLoop(rate / 2, windowMs);
      const steady = { rate: steadyRate, waits: await load.openLoop(steadyRate, windowMs) };
      const disk = await stopDiskWatch();
      return {
        rate,
        waits,
        steady,
        disk,
        cpu: {
          app: (after.app - before.app) / thousands,
          postgres: (after.postgres - before.postgres) / thousands,
          redis: (after.redis - before.redis) / thousands,
        },
        memoryMb: subject.pids.reduce((sum, pid) => sum + memoryOf(pid), 0),
        missing: load.missing + load.notTaken,
        twice: sink.twice,
      };
    } finally {
      load.close();
      await subject.stop();
    }
  } finally {
    await sink.close();
  }
}

/** The product as started from a shell: `serve` on the embedded store, `serve` and workers (default: one) on servers. */
export function sentient(
  { databaseUrl, redisUrl }: Place,
  customers: number,
  { hasPlaces = false, workers = 1 }: { readonly hasPlaces?: boolean; readonly workers?: number } = {},
): (sink: Sink) => Promise<Subject> {
  const environment = {
    ...KEYS,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  return async (sink) => {
    const dir = writeBoughtWorkspace(sink.url, customers, hasPlaces);
    const processes: Started[] = [];
    const stop = async (): Promise<void> => {
      for (const one of processes) one.kill("SIGTERM");
      await Promise.all(processes.map(({ ended }) => ended));
      rmSync(dir, { recursive: true, force: true });
    };
    try {
      const serve = startSentient(["serve", "--port", "0"], environment, dir);
      processes.push(serve);
      const [, url = ""] = await serve.line(/^listening at (\S+)/);
      for (let n = 0; databaseUrl !== undefined && n < workers; n++) {
        const worker = startSentient(["worker"], environment, dir);
        processes.push(worker);
        await worker.line(/"message":"working"/);
      }
      return { url, pids: processes.map(({ process }) => process.pid ?? 0), stop };
    } catch (error) {
      await stop();
      throw error;
    }
  };
}

/** The table row of a subject, without its name. */
export function measuredRow({ rate, waits, steady, disk, cpu, memoryMb, missing, twice }: Measured): string[] {
  return [
    rate.toFixed(0),
    `${quantile(waits, 0.5).toFixed(0)} ms`,
    `${quantile(waits, 0.95).toFixed(0)} ms`,
    `${quantile(steady.waits, 0.95).toFixed(0)} ms at ${steady.rate}/s`,
    `${Math.max(...disk).toFixed(0)} ms`,
    (cpu.app + cpu.postgres + cpu.redis).toFixed(2),
    `${cpu.app.toFixed(2)} + ${cpu.postgres.toFixed(2)} + ${cpu.redis.toFixed(2)}`,
    `${Math.round(memoryMb)} MB`,
    String(missing),
    String(twice),
  ];
}
