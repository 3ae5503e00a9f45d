import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { createDatabaseFaults, type DatabaseFault } from "./database-faults.ts";
import { type IsolatedService, withIsolatedService } from "./isolated-service.ts";
import { Load } from "./load.ts";
import { type Held, noneOf, type Round } from "./promise.ts";
import { type Provider, startProvider } from "./provider.ts";
import type { OwnServers } from "./servers.ts";
import { waitUntilSettled } from "./waiting.ts";
import { hookTo } from "./workspace.ts";

export interface OutageOptions {
  readonly servers: OwnServers;
  /** Duration of each outage. */
  readonly ms: number;
  /** Signals accepted before the outage and decided during or after it. */
  readonly signals: number;
  /** Only these kinds; default: all. */
  readonly only?: readonly string[];
  /** Concurrent kinds, each with its own database and processes. */
  readonly atOnce: number;
}

/**
 * Database outages longer than five attempts of a wake: full disk, locks, read-only, no connections, or serialization failures. Afterwards
 * every accepted signal is decided and sent once, every overdue promise has its task, and there are no dead letters.
 */
export async function outages(options: OutageOptions): Promise<Round> {
  const { servers, only, atOnce } = options;
  const { kinds, skipped, close } = await createDatabaseFaults(servers);
  const outcomes: Outcome[] = [];
  try {
    const wanted = kinds.filter(({ name }) => only === undefined || only.includes(name));
    const shared = wanted.filter(({ isExclusive }) => !isExclusive);
    for (let n = 0; n < shared.length; n += atOnce)
      outcomes.push(...(await Promise.all(shared.slice(n, n + atOnce).map((kind) => runFault(kind, options)))));
    for (const kind of wanted.filter(({ isExclusive }) => isExclusive)) outcomes.push(await runFault(kind, options));
  } finally {
    await close();
  }
  return {
    name: "trouble",
    faults: outcomes.length,
    counts: [
      ["fault", "duration", "signals decided", "tasks", "settled after", "log lines", "/readyz during it"],
      ...outcomes.map(({ counts }) => counts),
      ...skipped.map(({ name, why }) => [name, "skipped", why]),
    ],
    promises: outcomes.flatMap(({ promises }) => promises),
  };
}

// --- internal ---

interface Outcome {
  readonly counts: readonly string[];
  readonly promises: readonly Held[];
}

/** After the outage everything must be settled within this: back-off is ten seconds at most. */
const END_MS = 90_000;

async function runFault(kind: DatabaseFault, { servers, ms, signals: count }: OutageOptions): Promise<Outcome> {
  // A provider for each kind: the same signals give the same ids.
  const provider = await startProvider(() => ({ behaviour: "takes", afterMs: 5 }));
  const stage = {
    servers,
    name: `trouble_${kind.name.replaceAll(/[^a-z]+/g, "_")}`,
    ...(kind.database ? { database: kind.database } : {}),
    settings: `channels: {hook: ${hookTo(provider.url)}}\nmoments: {m: {on: go, expires: 1d}}\npromises: {callback: {opens: call.me, due: 1s, owner: sales}}\n`,
    experiences: { e: "serves: [m]\nchannels: {hook: {payload: {text: Hello}}}" },
    workers: ["worker a"],
  };
  return withIsolatedService(stage, (on) => observeFault(kind, on, provider, ms, count)).finally(() => provider.close());
}

async function observeFault(kind: DatabaseFault, on: IsolatedService, provider: Provider, ms: number, count: number): Promise<Outcome> {
  const { recorded, processes, databaseUrl } = on;
  const promised = Math.ceil(count / 10);
  const signals = [
    ...Array.from({ length: promised }, (_, n) => ({ id: `call-${n}`, type: "call.me", subject: `p-${n}` })),
    ...Array.from({ length: count }, (_, n) => ({ id: `go-${n}`, type: "go", subject: `c-${n}` })),
  ];
  const load = new Load(signals, () => processes.url);
  // The promises are opened before the outage and fall due during it. The other signals are accepted while their customers are leased.
  const client = await kind.connect(databaseUrl);
  load.release(promised / signals.length);
  const loading = load.run(() => false);
  while (load.left > 0 || (await recorded.open()) > 0) await pause(50);
  await holdLeases(client, signals);
  load.release(1);
  await loading;
  const end = await kind.begin(client, databaseUrl);
  await client.query("begin read write; delete from lanes; commit");
  const began = performance.now();
  const readiness = new Set<number>();
  while (performance.now() - began < ms) {
    await pause(500);
    readiness.add(await statusOf(`${processes.url}/readyz`));
  }
  await end();
  const lasted = performance.now() - began;
  const waited = await waitUntilSettled(recorded, processes, END_MS);
  await until(async () => (await recorded.count("select count(*) from tasks")) >= promised, END_MS);
  await until(async () => (await statusOf(`${processes.url}/readyz`)) === 200, END_MS);
  await client.end();
  const lines = [...processes.logs.values()].flat().filter((line) => line.includes('"the store refuses')).length;
  const promises = await promisesOf(kind, { on, load, provider, promised, open: waited.open, readiness, lines });
  return {
    counts: [
      kind.name,
      `${(lasted / 1000).toFixed(0)} s`,
      `${await recorded.count("select count(*) from signals")} of ${load.acknowledged.size}`,
      String(await recorded.count("select count(*) from tasks")),
      `${(waited.ms / 1000).toFixed(1)} s`,
      String(lines),
      [...readiness].join(", "),
    ],
    promises,
  };
}

const holdLeases = (client: pg.Client, signals: readonly { readonly subject: string }[]): Promise<unknown> =>
  client.query(
    `insert into lanes (customer_id, owner, until) select c, 'faults', clock_timestamp() + interval '1 hour' from unnest($1::text[]) c
     on conflict (customer_id) do update set owner = excluded.owner, until = excluded.until, since = clock_timestamp()`,
    [signals.map(({ subject }) => subject)],
  );

interface After {
  readonly on: IsolatedService;
  readonly load: Load;
  readonly provider: Provider;
  readonly promised: number;
  readonly open: number;
  readonly readiness: ReadonlySet<number>;
  readonly lines: number;
}

async function promisesOf(kind: DatabaseFault, { on, load, provider, promised, open, readiness, lines }: After): Promise<Held[]> {
  const { recorded, processes } = on;
  const kept = new Set(await recorded.texts("select id from signals"));
  const lost = [...load.acknowledged].filter((id) => !kept.has(id));
  const dead = await recorded.texts(
    "select id from inbox where dead_at is not null union all select customer_id || ' ' || name from failed_timers where dead_at is not null",
  );
  const twice = await recorded.texts(
    "select s.id, count(r.run_id) from signals s left join runs r on r.wake->>'signalId' = s.id group by 1 having count(r.run_id) <> 1",
  );
  const rows = await recorded.rows<{ id: string; status: string }>("select delivery_id as id, status from deliveries");
  const wrong = rows
    .filter(({ id, status }) => status !== "sent" || provider.sends.get(id)?.attempts !== 1)
    .map(({ id, status }) => `${id} ${status}`);
  const tasks = await recorded.texts("select customer_id, count(*) from tasks group by 1 having count(*) <> 1");
  const of = (what: string): string => `${kind.name}: ${what}`;
  return [
    noneOf(of("there are no dead letters"), dead, "0 dead letters"),
    noneOf(of("every accepted signal is applied"), lost, `${kept.size} applied`),
    noneOf(of("each signal is applied exactly once"), twice, `${kept.size} runs`),
    noneOf(of("each delivery is sent once"), wrong, `${rows.length} sent`),
    {
      promise: of("every overdue promise has its one task"),
      held: (await recorded.count("select count(*) from tasks")) === promised && tasks.length === 0,
      detail: `${promised} tasks`,
    },
    { promise: of("everything is settled"), held: open === 0, detail: `${open} open` },
    { promise: of("the log states it once for each process and code"), held: lines <= MAX_LINES, detail: `${lines} lines` },
    ...(kind.blocksAllWrites
      ? [{ promise: of("/readyz answers 503 during it"), held: readiness.has(503), detail: [...readiness].join(", ") }]
      : []),
    noneOf(of("no process ended without a kill"), processes.unexpectedExits, "0 ended"),
  ];
}

/** Two processes, and side effects: connections terminated for new settings, unfinished jobs. */
const MAX_LINES = 12;

const statusOf = (url: string): Promise<number> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ status }) => status,
    () => 0,
  );

async function until(holds: () => Promise<boolean>, ms: number): Promise<void> {
  for (const end = performance.now() + ms; !(await holds()) && performance.now() < end; ) await pause(100);
}
