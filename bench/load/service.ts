import { engines } from "../../testing/service.ts";
import { plainFunctions, plainQueue } from "./limit.ts";
import type { Sink } from "./load.ts";
import { type LoadShape, type Measured, measuredRow, measureUnderLoad, type Place, type Subject, sentient } from "./service-under-load.ts";

const CUSTOMERS = 10_000;
const WINDOW_MS = Number(process.env.BENCH_WINDOW_MS ?? 15_000);
const SHAPE: Omit<LoadShape, "steadyRate"> = { customers: CUSTOMERS, warmUpMs: WINDOW_MS / 2, windowMs: WINDOW_MS };

/** The subjects, each with its name in the last line, and the engine whose servers it needs. */
const SUBJECTS: readonly {
  readonly name: string;
  readonly engine: string;
  readonly start: (place: Place, customers: number) => (sink: Sink) => Promise<Subject>;
  /** Signals a second: half of the required throughput, 500 and 800 decisions a second. */
  readonly steadyRate: number;
}[] = [
  { name: "embedded", engine: "embedded", start: sentient, steadyRate: 250 },
  { name: "postgres+redis", engine: "PostgreSQL and Redis", start: sentient, steadyRate: 400 },
  { name: "limit", engine: "PostgreSQL", start: plainFunctions, steadyRate: 400 },
  { name: "plain-bullmq", engine: "PostgreSQL and Redis", start: plainQueue, steadyRate: 400 },
];

/**
 * Measures from the HTTP POST of a signal to its message at a local sink: one event a request, one in a hundred twice. First the maximum
 * throughput, then the latency at half of that rate and at a fixed one. The limit is the same work as plain batched functions, and `plain-bullmq` the same as one job an event.
 */
export async function benchService() {
  const measured = new Map<string, Measured>();
  for (const { name, engine, start, steadyRate } of SUBJECTS) {
    const place = await engines.find((one) => one.name === engine)?.place();
    if (!place) continue;
    try {
      measured.set(name, await measureUnderLoad(start(place, CUSTOMERS), place, { ...SHAPE, steadyRate }));
    } finally {
      await place.remove();
    }
  }
  return {
    title: `signals over HTTP to messages at a sink, ${CUSTOMERS} customers, load generator and sink in a process of their own`,
    rows: rowsOf(measured),
    last: lastLine(measured),
  };
}

/** The rows of the table: each subject beside the limit, and ours on servers beside plain BullMQ where both were measured. */
export function rowsOf(measured: ReadonlyMap<string, Measured>): string[][] {
  const limit = measured.get("limit");
  const shareOf = ({ rate }: Measured): string => (limit ? (rate / limit.rate).toFixed(2) : "unknown");
  const rows = [...measured].map(([name, one]) => {
    const [rate = "", ...rest] = measuredRow(one);
    return [name, rate, shareOf(one), ...rest];
  });
  const ours = measured.get("postgres+redis");
  const plain = measured.get("plain-bullmq");
  const ratio = ours && plain ? [["postgres+redis / plain-bullmq", `${(ours.rate / plain.rate).toFixed(2)} ×`]] : [];
  return [HEAD, ...rows, ...ratio];
}

// --- internal ---

const HEAD = [
  "",
  "decisions/s",
  "of the limit",
  "p50 at half",
  "p95 at half",
  "p95 at a fixed rate",
  "longest write to disk",
  "CPU s / 1000",
  "ours + PostgreSQL + Redis",
  "memory",
  "missing",
  "twice",
];

function lastLine(measured: ReadonlyMap<string, Measured>): string {
  const figures = SUBJECTS.map(({ name }) => `${name} ${measured.get(name)?.rate.toFixed(0) ?? "not measured"}`).join(", ");
  if (measured.size === SUBJECTS.length) return figures;
  const how = "what needs servers is not measured: DATABASE_URL=postgres://… REDIS_URL=redis://… npm run bench -- service";
  return `${how}\n${figures}`;
}
