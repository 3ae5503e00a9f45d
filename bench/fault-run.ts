import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { seededRandom } from "../domain/random.ts";
import { type Started, startSentient } from "../testing/process.ts";

export interface FaultOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly seed: string;
  readonly signals: number;
  readonly customers: number;
  readonly faults: number;
}

export interface Held {
  readonly promise: string;
  readonly held: boolean;
  readonly detail: string;
}

type Kind = "server killed" | "worker killed" | "database connections cut" | "Redis connections cut" | "Redis flushed";

const KINDS: readonly Kind[] = ["worker killed", "server killed", "database connections cut", "worker killed", "Redis connections cut"];

/** After the last fault everything must have come to its end within this. */
const END_MS = 120_000;
const BATCH = 25;
const BETWEEN_MS = 1_500;

/** One server and two workers under fire. */
export class FaultRun {
  readonly faults: string[][] = [];
  /** Faults that hit while work was in flight. */
  landed = 0;
  private readonly options: FaultOptions;
  private readonly pool: pg.Pool;
  private readonly dir = mkdtempSync(join(tmpdir(), "sentient-faults-"));
  private readonly processes = new Map<string, Started>();
  private readonly handedOver = new Map<string, number>();
  private readonly acknowledged = new Set<string>();
  private sink: Server | undefined;
  private port = 0;
  private endedMs = Number.NaN;
  private isLoading = true;

  constructor(options: FaultOptions) {
    this.options = options;
    this.pool = new pg.Pool({ connectionString: options.databaseUrl, max: 3, options: "-c search_path=sentient" });
    this.pool.on("error", () => {});
    this.pool.on("connect", (client) => client.on("error", () => {}));
  }

  async run(): Promise<void> {
    this.writeWorkspace(await this.openSink());
    await this.start("server");
    await Promise.all([this.start("worker a"), this.start("worker b")]);
    const loading = this.load();
    await this.fire();
    await loading;
    const began = performance.now();
    while ((await this.open()) > 0 && performance.now() - began < END_MS) await pause(200);
    this.endedMs = performance.now() - began;
  }

  /** What must hold, whatever has happened. */
  async promises(): Promise<Held[]> {
    const { signals } = this.options;
    const kept = new Set((await this.rows<{ id: string }>("select id from signals")).map(({ id }) => id));
    const lost = [...this.acknowledged].filter((id) => !kept.has(id));
    const runs = await this.count("select count(*) from runs where wake->>'kind' = 'signal'");
    const twice = [...this.handedOver.values()].filter((times) => times > 1).length;
    const sent = await this.count("select count(*) from deliveries where status = 'sent'");
    const uncertain = await this.count("select count(*) from deliveries where status = 'uncertain'");
    const unheard = await this.rows<{ delivery_id: string }>("select delivery_id from deliveries where status = 'sent'");
    const open = await this.open();
    const disorder = await this.count(
      `select count(*) from (
         select s.seq, lag(s.seq) over (partition by s.customer_id order by n.seq) as before
           from signals s join decisions n on n.customer_id = s.customer_id and n.record->'wake'->>'signalId' = s.id
       ) decided where before > seq`,
    );
    return [
      { promise: "enough faults hit while work was in flight", held: this.landed >= 2, detail: `${this.landed}` },
      {
        promise: "nearly every signal was acknowledged",
        held: this.acknowledged.size >= signals * 0.9,
        detail: `${this.acknowledged.size} of ${signals}`,
      },
      { promise: "every signal that was acknowledged is applied", held: lost.length === 0, detail: `${lost.length} lost` },
      { promise: "each is applied once, by one run", held: runs === kept.size, detail: `${kept.size} signals, ${runs} runs` },
      { promise: "no delivery is handed over twice", held: twice === 0, detail: `${this.handedOver.size} messages, ${twice} twice` },
      {
        promise: "what counts as sent was handed over",
        held: unheard.every(({ delivery_id }) => this.handedOver.has(delivery_id)),
        detail: `${sent} sent, ${uncertain} uncertain`,
      },
      {
        promise: "uncertain is only what was cut",
        held: uncertain <= this.landed * 128,
        detail: `${uncertain}`,
      },
      { promise: "a customer's decisions fall in the order of arrival", held: disorder === 0, detail: `${disorder} out of order` },
      { promise: "everything has come to its end", held: open === 0, detail: `${open} open after ${Math.round(this.endedMs / 1000)} s` },
    ];
  }

  async close(): Promise<void> {
    for (const one of this.processes.values()) one.kill("SIGKILL");
    await Promise.all([...this.processes.values()].map(({ ended }) => ended));
    await new Promise((resolve) => (this.sink ? this.sink.close(resolve) : resolve(undefined)));
    await this.pool.end();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async fire(): Promise<void> {
    const random = seededRandom(`faults ${this.options.seed}`);
    for (let n = 0; n < this.options.faults; n++) {
      await pause(BETWEEN_MS * (0.5 + random()));
      const kind: Kind =
        n === Math.floor(this.options.faults / 2) ? "Redis flushed" : (KINDS[Math.floor(random() * KINDS.length)] ?? "worker killed");
      const isInFlight = this.isLoading || (await this.open().catch(() => 0)) > 0;
      await this.inflict(kind, random);
      if (isInFlight) this.landed++;
      this.faults.push([kind, isInFlight ? "in flight" : "idle", `${this.acknowledged.size} acknowledged`]);
    }
  }

  private async inflict(kind: Kind, random: () => number): Promise<void> {
    if (kind === "server killed") return this.killAndStart("server");
    if (kind === "worker killed") return this.killAndStart(random() < 0.5 ? "worker a" : "worker b");
    if (kind === "database connections cut") {
      const cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
      await this.pool.query(cut).catch(() => {});
      return;
    }
    const redis = new Redis(this.options.redisUrl);
    redis.on("error", () => {});
    try {
      if (kind === "Redis flushed") await redis.flushdb();
      else await redis.client("KILL", "TYPE", "normal", "SKIPME", "yes");
    } finally {
      redis.disconnect();
    }
  }

  private async killAndStart(name: string): Promise<void> {
    const one = this.processes.get(name);
    one?.kill("SIGKILL");
    await one?.ended;
    // Not waited for: the next fault may hit while it starts.
    void this.start(name).catch(() => {});
  }

  private async start(name: string): Promise<void> {
    const environment = {
      ...{ DATABASE_URL: this.options.databaseUrl, REDIS_URL: this.options.redisUrl },
      ...{ SENTIENT_WRITE_KEYS: "w", SENTIENT_OPERATOR_KEYS: "o" },
    };
    const words = name === "server" ? ["serve", "--port", String(this.port)] : ["worker"];
    const one = startSentient(words, environment, this.dir);
    this.processes.set(name, one);
    const [, port = this.port] = await one.line(name === "server" ? /^listening at http:\/\/127\.0\.0\.1:(\d+)/ : /"message":"working"/);
    this.port = Number(port);
  }

  /** Sends every signal until it is acknowledged; what was not answered comes again, under the same ids. */
  private async load(): Promise<void> {
    const { signals, customers } = this.options;
    const end = performance.now() + 300_000;
    for (let from = 0; from < signals; from += BATCH) {
      const events = Array.from({ length: Math.min(BATCH, signals - from) }, (_, n) => ({
        ...{ specversion: "1.0", id: `s-${from + n}`, source: "faults", type: "go", subject: `c-${(from + n) % customers}` },
      }));
      while (!(await this.send(events)) && performance.now() < end) await pause(200);
      await pause(10);
    }
    this.isLoading = false;
  }

  private async send(events: readonly { readonly id: string }[]): Promise<boolean> {
    try {
      const url = `http://127.0.0.1:${this.port}/v1/signals`;
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: "Bearer w" },
        body: JSON.stringify(events),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.status !== 202) return false;
      for (const { id } of events) this.acknowledged.add(id);
      return true;
    } catch {
      // Killed or cut: nobody knows whether it was taken, so it is sent again.
      return false;
    }
  }

  private open(): Promise<number> {
    return this.count("select (select count(*) from inbox) + (select count(*) from deliveries where status in ('reserved', 'sending'))");
  }

  private async count(sql: string): Promise<number> {
    const [row] = await this.rows<Record<string, string>>(sql);
    return Number(Object.values(row ?? {})[0] ?? 0);
  }

  private async rows<Row extends object>(sql: string): Promise<Row[]> {
    for (let attempt = 0; ; attempt++) {
      try {
        return (await this.pool.query<Row>(sql)).rows;
      } catch (error) {
        // Our own connection may be among those that were cut.
        if (attempt === 3) throw error;
      }
    }
  }

  /** Takes every message; now and then it is slow, so that faults find some on their way. */
  private async openSink(): Promise<string> {
    let count = 0;
    const server = createServer((request, response) => {
      request.resume();
      request.on("end", () => {
        const id = String(request.headers["webhook-id"]);
        this.handedOver.set(id, (this.handedOver.get(id) ?? 0) + 1);
        setTimeout(() => response.end("{}"), count++ % 20 === 0 ? 300 : 5);
      });
    });
    this.sink = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  private writeWorkspace(sinkUrl: string): void {
    mkdirSync(join(this.dir, "experiences"));
    const secret = `whsec_${Buffer.from("a secret of twenty-four bytes").toString("base64")}`;
    writeFileSync(
      join(this.dir, "sentient.yaml"),
      `version: 1
name: Faults
timezone: UTC
departments: [sales]
channels: {hook: {kind: webhook, address: none, url: "${sinkUrl}", secret: "${secret}", allowPrivate: true}}
moments: {m: {on: go, expires: 1d}}
`,
    );
    writeFileSync(
      join(this.dir, "experiences", "e.yaml"),
      "id: e\nname: E\nserves: [m]\nstatus: approved\nchannels: {hook: {payload: {text: Hello}}}\n",
    );
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
