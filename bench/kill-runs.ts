import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Random, seededRandom } from "../domain/values/random.ts";
import { HOUR, type Instant } from "../domain/values/time.ts";
import { openDatabase } from "../runtime/open-store.ts";
import type { Queryable } from "../store/engines/database.ts";
import { type Environment, type Running, startSentient } from "../testing/command-line.ts";
import { receiptsFor, type Story, writeKillsWorkspace, writeSignals } from "./kills-workspace.ts";

export interface KillOptions {
  readonly seed: string;
  /** Kills that must land while work is in flight. */
  readonly kills: number;
  readonly customers: number;
  readonly signals: number;
  /** Sends messages, to a file, instead of recording them. */
  readonly live: boolean;
  /** Environment of the runs. */
  readonly environment: Environment;
  readonly onKill?: (done: number) => void;
}

export interface KillReport {
  /** Kills between the first and the last decision of a process. */
  readonly inFlight: number;
  /** Kills before the first decision of a process: while it opens the store and recovers. */
  readonly opening: number;
  readonly decisions: number;
  readonly deliveries: number;
  readonly rows: number;
  /** Rows that differ between the killed run and the unbroken one. */
  readonly differences: readonly string[];
  /** Live: messages sent, ids of messages sent twice, and sends without an answer. */
  readonly sentCount: number;
  readonly twice: readonly string[];
  readonly uncertain: number;
}

/**
 * Runs a stream unbroken, then again in another folder, killing the process at random points until enough kills have hit, and
 * restarting it with the same signals each time. Then compares the two stores completely.
 */
export async function killRuns(options: KillOptions): Promise<KillReport> {
  const dir = mkdtempSync(join(tmpdir(), "sentient-kills-"));
  try {
    const workspace = join(dir, "workspace");
    // Live messages must not have expired when the test runs.
    const from = options.live ? Date.now() + HOUR : Date.UTC(2026, 2, 2, 8);
    const { seed, customers, signals } = options;
    const decisions = await runUnbroken({ seed, customers, signals, from }, workspace, join(dir, "unbroken"), options);
    const killed = await runKilled(workspace, join(dir, "killed"), decisions, options);
    const record = await dump(join(dir, "killed"));
    return { ...killed, ...compare(await dump(join(dir, "unbroken")), record, options), ...outbox(join(dir, "killed"), record) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

// --- internal ---

/** Runs twice: delivery receipts for the messages of the first run are signals of the second. */
async function runUnbroken(story: Story, workspace: string, data: string, options: KillOptions): Promise<number> {
  const signals = writeKillsWorkspace(workspace, story);
  writeSignals(workspace, signals);
  const first = join(data, "..", "first");
  await runToEnd(workspace, first, options);
  const { deliveries = [] } = await dump(first);
  const last = Math.max(...signals.map(({ time }) => Date.parse(time)));
  const receipted = deliveries.map((row) => ({ deliveryId: String(row.delivery_id), customerId: String(row.customer_id) }));
  writeSignals(workspace, [...signals, ...receiptsFor(receipted, last as Instant, story.seed)]);
  return runToEnd(workspace, data, options);
}

/** Starts and kills the run until enough kills have hit, then runs it to its end; throws if it ends before. */
async function runKilled(workspace: string, data: string, decisions: number, options: KillOptions) {
  const random = seededRandom(`kills ${options.seed}`);
  const counts = { inFlight: 0, opening: 0 };
  while (counts.inFlight < options.kills) {
    const run = started(workspace, data, options);
    // One process in eight is killed while it opens its store; the others after some decisions and a short delay.
    if (random() < 0.125) await pause(random() * 1500);
    else {
      await run.hasPrinted(wait(decisions, options.kills, random));
      await pause(random() * 40);
    }
    const wasAt = run.printed();
    if (!run.kill()) throw new Error(`the run came to its end after ${counts.inFlight} of ${options.kills} kills; give it more signals`);
    await run.ended;
    if (wasAt > 0) counts.inFlight++;
    else counts.opening++;
    options.onKill?.(counts.inFlight + counts.opening);
  }
  await runToEnd(workspace, data, options);
  return counts;
}

/** Decisions until a kill, chosen so that all kills fit into the run. */
const wait = (decisions: number, kills: number, random: Random): number => 1 + Math.floor((random() * decisions) / kills);

function started(workspace: string, data: string, { live, environment }: KillOptions): Running {
  return startSentient(["run", workspace, "--data", data, "--json", ...(live ? ["--live"] : [])], environment);
}

/** Runs to the end; returns the number of decisions. */
async function runToEnd(workspace: string, data: string, options: KillOptions): Promise<number> {
  const { code, out, err } = await started(workspace, data, options).ended;
  if (code !== 0) throw new Error(`a run without a kill ended with ${code}:\n${err}`);
  return out.length;
}

type Row = Readonly<Record<string, unknown>>;
type Dump = Readonly<Record<string, readonly Row[]>>;

/** All rows of a store. */
async function dump(dataDir: string): Promise<Dump> {
  const database = await openDatabase({ dataDir, now: Date.now, newId: randomUUID });
  try {
    const tables = await rowsOf<{ name: string }>(
      database.pool,
      "select tablename as name from pg_tables where schemaname = 'sentient' order by 1",
    );
    const all: Record<string, Row[]> = {};
    for (const { name } of tables)
      all[name] = (await rowsOf<{ row: Row }>(database.pool, `select to_jsonb(t) as row from "${name}" t`)).map(({ row }) => row);
    return all;
  } finally {
    await database.close();
  }
}

const rowsOf = async <T>(db: Queryable, sql: string): Promise<T[]> => (await db.query<T>(sql)).rows;

/** Fields that differ between runs by nature: wall-clock times, and the steps of batches. */
const VOLATILE: readonly string[] = ["ms", "steps", "claim", "claimed_at", "applied_at"];

function compare(unbroken: Dump, killed: Dump, { live }: KillOptions) {
  const rows = Object.values(killed).reduce((sum, table) => sum + table.length, 0);
  const decisions = killed.decisions?.length ?? 0;
  const deliveries = killed.deliveries?.length ?? 0;
  // Live, an interrupted send is uncertain, and its consequences differ from those of a completed one.
  const differences = live
    ? []
    : Object.keys(unbroken).flatMap((table) => differencesIn(table, unbroken[table] ?? [], killed[table] ?? []));
  return { rows, decisions, deliveries, differences };
}

function differencesIn(table: string, before: readonly Row[], after: readonly Row[]): string[] {
  const [expected, found] = [before, after].map((rows) => inOrder(table === "publications" ? rows.map(withoutTime) : rows)) as [
    string[],
    string[],
  ];
  const missing = expected.filter((row) => !found.includes(row)).map((row) => `- ${table} ${row}`);
  return [...missing, ...found.filter((row) => !expected.includes(row)).map((row) => `+ ${table} ${row}`)];
}

/** A version is kept at the time of the machine, not at that of the stream. */
const withoutTime = ({ at: _, ...row }: Row): Row => row;

/** Rows as texts; sequence numbers are replaced by the index in their order. */
function inOrder(rows: readonly Row[]): string[] {
  const sorted = [...rows].sort((a, b) => Number(a.seq) - Number(b.seq));
  return sorted.map((row, place) => text({ ...row, ...("seq" in row ? { seq: place } : {}) })).sort();
}

const text = (row: Row): string => JSON.stringify(row, (key, value: unknown) => (VOLATILE.includes(key) ? undefined : value));

/** The messages sent, as the provider received them. */
function outbox(data: string, { deliveries = [] }: Dump) {
  const path = join(data, "outbox.jsonl");
  const lines = existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : [];
  const sent = lines.map((line) => String((JSON.parse(line) as Row).deliveryId));
  const twice = [...new Set(sent.filter((id, index) => sent.indexOf(id) !== index))];
  return { sentCount: sent.length, twice, uncertain: deliveries.filter(({ status }) => status === "uncertain").length };
}
