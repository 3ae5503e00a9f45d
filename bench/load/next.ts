import type { AskAnswer } from "../../domain/entities/ask.ts";
import { engines } from "../../testing/service.ts";
import { watchDisk } from "./disk.ts";
import { WRITE_KEY } from "./keys.ts";
import { Load, openSink, quantile } from "./load.ts";
import { connectClients } from "./raw-http.ts";
import { type Place, sentient } from "./service-under-load.ts";

const CUSTOMERS = 10_000;
const WINDOW_MS = Number(process.env.BENCH_WINDOW_MS ?? 15_000);

/** Signals a second beside the asks. */
const SIGNALS = 200;
const ASKS = [50, 200, 400] as const;
/** Asks a second before anything is measured, and for how long: until answers get no faster, as the code that answers is compiled by then. */
const WARM_UP = 200;
const WARM_UP_MS = Number(process.env.BENCH_WARM_UP_MS ?? 40_000);
const CONNECTIONS = 64;

/** The engines, and the p95 in milliseconds that they are to keep at 200 asks a second. */
const SUBJECTS = [
  { name: "embedded", engine: "embedded", due: 40 },
  { name: "postgres+redis", engine: "PostgreSQL and Redis", due: 25 },
] as const;

/**
 * Measures asks for one place, from when each was due to its whole answer, beside signals that send a message each. The load generator
 * is a process of its own, on the same machine.
 */
export async function benchNext() {
  const rows: string[][] = [];
  const last: string[] = [];
  for (const { name, engine, due } of SUBJECTS) {
    const place = await engines.find((one) => one.name === engine)?.place();
    if (!place) continue;
    try {
      const measured = await measureAsks(place);
      for (const [rate, one] of measured) rows.push([name, ...rowOf(rate, one)]);
      const p95 = quantile(measured.get(200)?.waits ?? [], 0.95);
      last.push(`${name}: p95 ${p95.toFixed(1)} ms at 200 asks/s, due at most ${due} ms`);
    } finally {
      await place.remove();
    }
  }
  const head = ["", "asks/s", "p50", "p95", "p99", "late", "again", "signals to messages p95", "longest write to disk", "failed"];
  return {
    title: `asks for one place beside ${SIGNALS} signals/s, ${CUSTOMERS} customers`,
    rows: [head, ...rows],
    last: last.join("\n"),
  };
}

// --- internal ---

interface Asked {
  /** Latency of each answer in milliseconds, late ones included. */
  readonly waits: readonly number[];
  readonly late: number;
  readonly again: number;
  readonly failed: number;
  /** Latency of the messages beside them. */
  readonly signals: readonly number[];
  readonly disk: readonly number[];
}

async function measureAsks(place: Place): Promise<ReadonlyMap<number, Asked>> {
  const sink = await openSink();
  try {
    const subject = await sentient(place, CUSTOMERS, { hasPlaces: true })(sink);
    const load = new Load({ url: subject.url, sink, customers: CUSTOMERS });
    const asker = new Asker(subject.url);
    const beside = async (rate: number, ms: number) => Promise.all([asker.openLoop(rate, ms), load.openLoop(SIGNALS, ms)]);
    try {
      await beside(WARM_UP, WARM_UP_MS);
      const measured = new Map<number, Asked>();
      for (const rate of ASKS) {
        const stopDiskWatch = await watchDisk();
        const [asked, signals] = await beside(rate, WINDOW_MS);
        measured.set(rate, { ...asked, signals, disk: await stopDiskWatch() });
      }
      return measured;
    } finally {
      asker.close();
      load.close();
      await subject.stop();
    }
  } finally {
    await sink.close();
  }
}

/** Asks at a fixed rate, one customer after the other, other ones than the signals are about at that time. */
class Asker {
  private readonly clients: ReturnType<typeof connectClients>;
  private sent = CUSTOMERS / 2;

  constructor(url: string) {
    this.clients = connectClients(new URL("/v1/next", url), CONNECTIONS, {
      headers: { authorization: `Bearer ${WRITE_KEY}`, "content-type": "application/json" },
    });
  }

  async openLoop(rate: number, ms: number): Promise<Omit<Asked, "signals" | "disk">> {
    const waits: number[] = [];
    const counts = { late: 0, again: 0, failed: 0 };
    const began = performance.now();
    const all = (rate * ms) / 1000;
    for (let n = 0; n < all; n++) {
      const due = began + (n * 1000) / rate;
      const waitMs = due - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const customer = `c-${(this.sent++ * 7) % CUSTOMERS}`;
      this.clients.post(JSON.stringify({ customer, channel: "web", context: { page: "home" } }), (status, body) => {
        waits.push(performance.now() - due);
        const answer = status === 200 ? (JSON.parse(body) as AskAnswer) : undefined;
        if (!answer) counts.failed++;
        else if (answer.late) counts.late++;
        else if (answer.places.hero?.again === true) counts.again++;
      });
    }
    const end = performance.now() + 10_000;
    while (waits.length < all && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    return { waits, ...counts, failed: counts.failed + all - waits.length };
  }

  close(): void {
    this.clients.close();
  }
}

function rowOf(rate: number, { waits, late, again, failed, signals, disk }: Asked): string[] {
  const share = (count: number): string => `${((count / Math.max(1, waits.length)) * 100).toFixed(1)} %`;
  return [
    String(rate),
    ...[0.5, 0.95, 0.99].map((part) => `${quantile(waits, part).toFixed(1)} ms`),
    share(late),
    share(again),
    `${quantile(signals, 0.95).toFixed(0)} ms`,
    `${Math.max(...disk).toFixed(0)} ms`,
    String(failed),
  ];
}
