import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Started, startSentient } from "../testing/process.ts";
import { engines } from "../testing/service.ts";
import { post } from "./post.ts";

const CUSTOMERS = 10_000;
/** Signals that are posted and not delivered yet, at most. */
const OPEN = 256;
const WARM_UP_MS = 10_000;
const WINDOW_MS = Number(process.env.BENCH_WINDOW_MS ?? 15_000);
/** Of so many posts one comes twice. */
const TWICE = 100;

/**
 * From an HTTP POST of a signal to the message at a local sink: one event a request, one in a hundred twice, as many on
 * their way as the service takes; then at half of that rate, for how long one takes.
 */
export async function benchService() {
  const rows = [["", "decisions/s", "p50 at half", "p95 at half", "CPU s / 1000", "memory", "missing", "twice"]];
  for (const engine of engines.filter(({ name }) => name !== "PostgreSQL")) {
    const place = await engine.place();
    try {
      rows.push([engine.name, ...(await measure(place.databaseUrl ?? "", place.redisUrl ?? ""))]);
    } finally {
      await place.remove();
    }
  }
  return { title: `signals over HTTP to messages at a sink, ${CUSTOMERS} customers`, rows };
}

// --- internal ---

async function measure(databaseUrl: string, redisUrl: string): Promise<string[]> {
  const sink = await openSink();
  const dir = writeWorkspace(sink.url);
  const keys = { SENTIENT_WRITE_KEYS: "w", SENTIENT_OPERATOR_KEYS: "o" };
  const environment = databaseUrl === "" ? keys : { ...keys, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
  const processes: Started[] = [];
  try {
    const serve = startSentient(["serve", "--port", "0"], environment, dir);
    processes.push(serve);
    const [, url = ""] = await serve.line(/^listening at (\S+)/);
    if (databaseUrl !== "") processes.push(startSentient(["worker"], environment, dir));
    await processes.at(-1)?.line(databaseUrl === "" ? /^listening/ : /"message":"working"/);
    const load = new Load(url, sink);
    await load.closedLoop(WARM_UP_MS);
    const pids = processes.map(({ process }) => process.pid ?? 0);
    const cpuBefore = cpuSeconds(pids, databaseUrl);
    const rate = await load.closedLoop(WINDOW_MS);
    const cpu = cpuSeconds(pids, databaseUrl) - cpuBefore;
    await load.settled();
    const waits = await load.openLoop(rate / 2, WINDOW_MS / 2);
    await load.settled();
    return [
      rate.toFixed(0),
      `${quantile(waits, 0.5).toFixed(0)} ms`,
      `${quantile(waits, 0.95).toFixed(0)} ms`,
      ((cpu / (rate * (WINDOW_MS / 1000))) * 1000).toFixed(2),
      `${Math.round(pids.reduce((sum, pid) => sum + memoryOf(pid), 0))} MB`,
      String(load.missing),
      String(sink.twice),
    ];
  } finally {
    for (const one of processes) one.kill("SIGTERM");
    await Promise.all(processes.map(({ ended }) => ended));
    await sink.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Posts signals and hears of their messages. */
class Load {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly postedAt = new Map<string, number>();
  private waits: number[] = [];
  private readonly url: string;
  private arrived = 0;
  private sent = 0;
  private wake: () => void = () => {};

  constructor(url: string, sink: Sink) {
    this.url = url;
    sink.onArrival = (id) => {
      const at = this.postedAt.get(id);
      if (at === undefined) return;
      this.postedAt.delete(id);
      this.waits.push(performance.now() - at);
      this.arrived++;
      this.wake();
    };
  }

  get missing(): number {
    return this.postedAt.size;
  }

  /** Keeps as many on their way as are allowed; gives back how many arrived a second. */
  async closedLoop(ms: number): Promise<number> {
    const began = performance.now();
    const before = this.arrived;
    while (performance.now() - began < ms) {
      while (this.postedAt.size < OPEN) this.send(performance.now());
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        setTimeout(resolve, 50);
      });
    }
    return ((this.arrived - before) / (performance.now() - began)) * 1000;
  }

  /** Posts at a rate, whatever becomes of it; gives back how long each took from when it was due. */
  async openLoop(rate: number, ms: number): Promise<readonly number[]> {
    this.waits = [];
    const began = performance.now();
    for (let n = 0; n < (rate * ms) / 1000; n++) {
      const due = began + (n * 1000) / rate;
      if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      this.send(due);
    }
    await this.settled();
    return this.waits;
  }

  async settled(): Promise<void> {
    const end = performance.now() + 30_000;
    while (this.postedAt.size > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  private send(at: number): void {
    const n = this.sent++;
    const id = randomUUID();
    this.postedAt.set(id, at);
    const event = {
      specversion: "1.0",
      id,
      source: "bench",
      type: "bought",
      subject: `c-${n % CUSTOMERS}`,
      data: { n: id, amount: n % 100 },
    };
    const body = JSON.stringify(event);
    for (let time = 0; time < (n % TWICE === 0 ? 2 : 1); time++) post(`${this.url}/v1/signals`, body, this.agent);
  }
}

interface Sink {
  readonly url: string;
  twice: number;
  onArrival: (id: string) => void;
  close(): Promise<void>;
}

async function openSink(): Promise<Sink> {
  const seen = new Set<string>();
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      response.end("{}");
      const id = /"n":"([^"]+)"/.exec(body)?.[1] ?? "";
      if (seen.has(id)) sink.twice++;
      seen.add(id);
      sink.onArrival(id);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sink: Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sink`,
    twice: 0,
    onArrival: () => {},
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return sink;
}

function writeWorkspace(sinkUrl: string): string {
  const dir = mkdtempSync(join(tmpdir(), "sentient-bench-"));
  mkdirSync(join(dir, "experiences"));
  writeFileSync(
    join(dir, "sentient.yaml"),
    `version: 1
name: Bench
timezone: UTC
departments: [sales]
channels: {hook: {kind: webhook, address: none, url: "${sinkUrl}", secret: "whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}", allowPrivate: true}}
moments: {buying: {on: bought, expires: 1h}}
governance:
  caps: [{id: weekly, max: 1000000, window: 7d}]
  consent: {hook: opt_in}
learning: {explore: none}
`,
  );
  for (const [name, value] of [
    ["one", 3],
    ["two", 2],
    ["three", 1],
  ] as const) {
    const text = `id: ${name}
name: ${name}
serves: [buying]
status: approved
value: ${value}
eligibility: [has(customer.firstName)]
context: [{when: signal.data.amount > 50, weight: ${value * 10}}]
channels: {hook: {payload: {n: "{{ signal.data.n }}", text: "Hello {{ customer.firstName }}, you bought for {{ signal.data.amount }}"}}}
`;
    writeFileSync(join(dir, "experiences", `${name}.yaml`), text);
  }
  const lines = Array.from({ length: CUSTOMERS }, (_, n) =>
    JSON.stringify({ id: `c-${n}`, traits: { firstName: `Name ${n}` }, consents: [{ channel: "hook", status: "granted" }] }),
  );
  writeFileSync(join(dir, "customers.jsonl"), `${lines.join("\n")}\n`);
  return dir;
}

const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

/** Processor time of our processes, and of the server's that work for our database. */
function cpuSeconds(pids: readonly number[], databaseUrl: string): number {
  const database = databaseUrl === "" ? undefined : new URL(databaseUrl).pathname.slice(1);
  const others = database === undefined ? [] : readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(database));
  return [...pids.map(String), ...others].reduce((sum, pid) => sum + cpuOf(pid), 0);
}

const readProc = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It has ended meanwhile.
    return "";
  }
};

const commandOf = (pid: string): string => (readProc(pid, "cmdline").startsWith("postgres:") ? readProc(pid, "cmdline") : "");

function cpuOf(pid: string): number {
  const stat = readProc(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

const memoryOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readProc(String(pid), "status"))?.[1] ?? 0) / 1024;
