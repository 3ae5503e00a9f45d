import type { Policy } from "../domain/entities/policy.ts";
import type { IdentityClaim } from "../domain/entities/signal.ts";
import type { KnownIdentities } from "../domain/identity/identity.ts";
import type { KnownAs } from "../domain/identity/visitor.ts";
import type { Heir } from "../domain/learning/lessons.ts";
import { ABOUT_EVERYTHING } from "../domain/moments/look-back.ts";
import type { Json } from "../domain/values/json.ts";
import { storableJson } from "../domain/values/storable.ts";
import { DAY, type Instant } from "../domain/values/time.ts";
import { type Asks, createAsks } from "./asks.ts";
import { type Calls, createCalls } from "./calls.ts";
import { type CanaryRecords, createCanaryRecords } from "./canaries.ts";
import { createClearing } from "./clearing.ts";
import { type CommitOptions, commitCustomers, loadTotals } from "./commit/commit.ts";
import type { CommitResult, CustomerCommit } from "./commit/customer-commit.ts";
import { adopt, type KeptArm } from "./commit/learned.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import type { Database, Queryable } from "./engines/database.ts";
import { probeWrite } from "./engines/write-probe.ts";
import { createExampleVectors, type ExampleVectors } from "./example-vectors.ts";
import { createDeadLetters, type DeadLetters } from "./inbox/dead-letters.ts";
import { identitiesOf, resolveIdentities } from "./inbox/identities.ts";
import { createInbox, type Inbox } from "./inbox/inbox.ts";
import { recordedBefore } from "./inbox/statements.ts";
import { createLeases, type Leases } from "./leases.ts";
import { createOperationRecords, type OperationRecords } from "./operations.ts";
import { createProcesses, type Processes } from "./processes.ts";
import { createProposalRecords, type ProposalRecords } from "./proposals.ts";
import { createPruning, type Pruning } from "./pruning.ts";
import { type Conversations, createConversations } from "./reading/conversations.ts";
import { createDays, type Days } from "./reading/days.ts";
import { createDecisionLines, type DecisionLines } from "./reading/decision-lines.ts";
import { createDecisionLog, type DecisionLog } from "./reading/decision-log.ts";
import { createEvidence, type Evidence } from "./reading/evidence.ts";
import { createFinding, type Finding } from "./reading/finding.ts";
import { createHandOvers, type HandOvers } from "./reading/hand-overs.ts";
import { createHistoryReadings, type HistoryReadings } from "./reading/history.ts";
import { createLinks, type Links } from "./reading/links.ts";
import { type CustomerRecord, horizonOf, loadCustomers, loadRecords, loadUnmerged, type Purpose } from "./reading/load-customers.ts";
import { createMarks, type Marks } from "./reading/marks.ts";
import { createPeople, type People } from "./reading/operations-people.ts";
import { createOverview, type Overview } from "./reading/overview.ts";
import { createReadings, type Readings } from "./reading/readings.ts";
import { createRecorded, type Recorded } from "./reading/recorded.ts";
import { createReports, type Reports } from "./reading/reports.ts";
import { createStories, type Stories } from "./reading/stories.ts";
import { createTimers, type Timers } from "./reading/timers.ts";
import { createRehearsalRecords, type RehearsalRecords } from "./rehearsals.ts";
import { createSessionRecords, type SessionRecords } from "./sessions.ts";
import { readSharedState, type SharedState } from "./shared-state.ts";
import { createSpending, type Spending } from "./spending.ts";
import { createVersionSweep, type VersionSweep } from "./version-sweep.ts";
import { createVersionRecords, type VersionRecords } from "./versions.ts";

export type { Calls, KeptCall, SettledCall } from "./calls.ts";
export type { KeptCanary, SuccessRule, TallyQuestion } from "./canaries.ts";
export type { Claim, CommitResult, CustomerCommit, RunRow, StoredSignal } from "./commit/customer-commit.ts";
export type { Held } from "./commit/hold.ts";
export type { KeptArm } from "./commit/learned.ts";
export type { AuditEntry, OperationWrite } from "./commit/operations-rows.ts";
export type { Deliveries, KeptDelivery, PromisesDue, Refusal, Settled, Taken } from "./deliveries.ts";
export type { DeadLetter, DeadPlace } from "./inbox/dead-letters.ts";
export type { Arrival, Inbox, Reception } from "./inbox/inbox.ts";
export type { Claimed, Leases, NextWake } from "./leases.ts";
export type { KeptAudit, KeptPause, LeftByRun } from "./operations.ts";
export type { Knowledge } from "./processes.ts";
export type { KeptProposal, ProposalAuthor, ProposalContent, ProposalStatus, VersionToChange } from "./proposals.ts";
export { PRUNED_TABLES } from "./pruning.ts";
export type { DayFigures } from "./reading/days.ts";
export type { LastDecision } from "./reading/finding.ts";
export type { Purpose } from "./reading/load-customers.ts";
export type { RecordedImport, RecordedSignal } from "./reading/recorded.ts";
export type { Measured, Span, VariantCount } from "./reading/reports.ts";
export type { StoryRows } from "./reading/stories.ts";
export type {
  ApprovalPlace,
  CasePlace,
  KeptApproval,
  KeptCase,
  KeptPromise,
  KeptTask,
  PromisePlace,
  TaskPlace,
} from "./reading/work-lists.ts";
export type { KeptRehearsal, RehearsalEnd, RehearsalRow, TakenRehearsal } from "./rehearsals.ts";
export type { KeptSession } from "./sessions.ts";
export type { SharedState } from "./shared-state.ts";
export type { Bundle, Publication, VersionInForce } from "./versions.ts";

/** The system of record, with its operations grouped by noun. */
export interface Store {
  readonly database: Database;
  readonly customers: {
    /**
     * The known ones of these customers, each with everything that decisions under the policy need.
     *
     * @param now the earliest instant at which one of them is decided
     */
    load(ids: readonly string[], policy: Policy, now: Instant, purpose?: Purpose): ReturnType<typeof loadCustomers>;
    /** The same without merged customers: each with its own source record only. */
    loadUnmerged(ids: readonly string[], policy: Policy, now: Instant): ReturnType<typeof loadUnmerged>;
    /** The records of the known ones alone, without what happened to them. */
    records(ids: readonly string[]): Promise<Map<string, CustomerRecord>>;
    /** The customers to which identities resolve, in any spelling. */
    byIdentity(claims: readonly IdentityClaim[]): Promise<KnownIdentities>;
    /** All ids of a customer, merged ones too, with their identities. */
    identitiesOf(customerId: string): Promise<KnownAs>;
    /** Hashes of the import lines of customers. */
    importHashes(ids: readonly string[]): Promise<Map<string, string>>;
  };
  readonly signals: {
    /** Body hashes of the known ones of these signals, by `signalKey`. */
    known(keys: readonly { source: string; id: string }[]): Promise<Map<string, string>>;
    lastSeq(): Promise<number>;
  };
  readonly timers: Timers;
  readonly inbox: Inbox;
  readonly dead: DeadLetters;
  readonly leases: Leases;
  readonly asks: Asks;
  readonly processes: Processes;
  readonly links: Links;
  readonly deliveries: Deliveries;
  readonly calls: Calls;
  readonly conversations: Conversations;
  readonly read: Readings;
  readonly reports: Reports;
  readonly overview: Overview;
  readonly days: Days;
  readonly handOvers: HandOvers;
  readonly evidence: Evidence;
  /** Decisions for lists, newest first. */
  readonly decisionLines: DecisionLines;
  /** Decisions with what came of them, oldest first. */
  readonly decisionLog: DecisionLog;
  /** What was recorded of customers, for those who learn from it. */
  readonly history: HistoryReadings;
  readonly stories: Stories;
  readonly finding: Finding;
  readonly operations: OperationRecords;
  readonly people: People;
  readonly recorded: Recorded;
  readonly marks: Marks;
  readonly pruning: Pruning;
  /** What every decision reads, whoever its customer is; unchanged arms are taken from `known`. */
  shared(known: ReadonlyMap<string, KeptArm>): Promise<SharedState>;
  /** Gives first variants what was learned before there were variants, once. */
  adoptVariants(heirs: readonly Heir[]): Promise<void>;
  totals(experiences: readonly string[]): Promise<Map<string, number>>;
  /** Writes customer commits, each only if its customer has not changed since it was loaded. */
  commit(commits: readonly CustomerCommit[], settings?: Readonly<Record<string, Json>>, options?: CommitOptions): Promise<CommitResult>;
  /** Appends steps to runs that are already written. */
  addSteps(steps: readonly { readonly runId: string; readonly step: Json }[]): Promise<void>;
  /** Versions of the workspace, and which of them is in force. */
  readonly versions: VersionRecords;
  readonly versionSweep: VersionSweep;
  /** Canaries, and what their deliveries came to. */
  readonly canaries: CanaryRecords;
  /** Changes of the catalogue that people propose. */
  readonly proposals: ProposalRecords;
  /** Rehearsals that this store's servers play. */
  readonly rehearsals: RehearsalRecords;
  /** Sessions of people in the console. */
  readonly sessions: SessionRecords;
  /** Costs of language models, by day. */
  readonly spending: Spending;
  /** Costs of embeddings models, by day. */
  readonly embeddingSpending: Spending;
  /** Vectors of examples by embeddings models. */
  readonly exampleVectors: ExampleVectors;
  /** Commits a small write; rejects with the database's error. */
  probeWrite(): Promise<void>;
  setting(name: string): Promise<Json | undefined>;
  /** Reads a setting, or creates it; all processes get the same value. */
  settingOnce(name: string, make: () => string): Promise<string>;
  /** Empties every table, for evals that reuse one store. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Longer than any window of `count()`: each counted signal is then known by its time. */
const FAR_AHEAD = 100 * 366 * DAY;

/** Creates the store on an open, migrated database. */
export function createStore(database: Database): Store {
  const { pool } = database;
  return {
    database,
    customers: {
      load: (ids, policy, now, purpose) => loadCustomers(pool, ids, horizonOf(policy, now, purpose)),
      loadUnmerged: (ids, policy, now) =>
        loadUnmerged(pool, ids, horizonOf(policy, now, { latest: now + FAR_AHEAD, about: ABOUT_EVERYTHING })),
      records: (ids) => loadRecords(pool, ids),
      byIdentity: (claims) => resolveIdentities(pool, claims),
      identitiesOf: (customerId) => identitiesOf(pool, customerId),
      importHashes: (ids) => importHashes(pool, ids),
    },
    signals: { known: (keys) => recordedBefore(pool, keys), lastSeq: () => lastSeq(pool) },
    timers: createTimers(pool),
    inbox: createInbox(pool),
    dead: createDeadLetters(pool),
    leases: createLeases(pool),
    asks: createAsks(pool),
    processes: createProcesses(pool),
    links: createLinks(pool),
    deliveries: createDeliveries(pool),
    calls: createCalls(pool),
    conversations: createConversations(pool),
    read: createReadings(pool),
    reports: createReports(pool),
    overview: createOverview(pool),
    days: createDays(pool),
    handOvers: createHandOvers(pool),
    evidence: createEvidence(pool),
    decisionLines: createDecisionLines(pool),
    decisionLog: createDecisionLog(pool),
    history: createHistoryReadings(pool),
    stories: createStories(pool),
    finding: createFinding(pool),
    operations: createOperationRecords(pool),
    people: createPeople(pool),
    recorded: createRecorded(pool),
    marks: createMarks(pool),
    pruning: createPruning(pool),
    shared: (known) => readSharedState(pool.sharing ?? pool, known),
    adoptVariants: (heirs) => adopt(pool, heirs),
    totals: (experiences) => loadTotals(pool, experiences),
    addSteps: (steps) => addSteps(pool, steps),
    versions: createVersionRecords(pool),
    versionSweep: createVersionSweep(pool),
    canaries: createCanaryRecords(pool),
    proposals: createProposalRecords(pool),
    rehearsals: createRehearsalRecords(pool),
    sessions: createSessionRecords(pool),
    spending: createSpending(pool),
    embeddingSpending: createSpending(pool, "embeddings"),
    exampleVectors: createExampleVectors(pool),
    commit: (cases, settings, options) => commitCustomers(pool, cases, settings, options),
    probeWrite: () => probeWrite(pool),
    setting: (name) => setting(pool, name),
    settingOnce: (name, make) => settingOnce(pool, name, make),
    clear: createClearing(pool),
    close: () => database.close(),
  };
}

// --- internal ---

const setting = async (db: Queryable, name: string): Promise<Json | undefined> =>
  (await db.query<{ value: Json }>("select value from settings where name = $1", [name])).rows[0]?.value;

async function settingOnce(db: Queryable, name: string, make: () => string): Promise<string> {
  const known = await setting(db, name);
  if (typeof known === "string") return known;
  await db.query("insert into settings (name, value) values ($1, $2::jsonb) on conflict (name) do nothing", [name, storableJson(make())]);
  return settingOnce(db, name, make);
}

async function addSteps(db: Queryable, steps: readonly { runId: string; step: Json }[]): Promise<void> {
  if (steps.length === 0) return;
  await db.query(
    `update runs r set steps = r.steps || x.added
       from (select run_id, jsonb_agg(step order by n) as added
               from jsonb_to_recordset($1::jsonb) as y(n int, run_id text, step jsonb) group by run_id) x where r.run_id = x.run_id`,
    [storableJson(steps.map(({ runId, step }, n) => ({ n, run_id: runId, step })))],
  );
}

async function importHashes(db: Queryable, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ customer_id: string; import_hash: string }>(
    "select customer_id, import_hash from customers where customer_id = any($1::text[]) and import_hash is not null",
    [ids],
  );
  return new Map(rows.map(({ customer_id, import_hash }) => [customer_id, import_hash]));
}

async function lastSeq(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ last: number }>(
    "select greatest((select max(seq) from signals), (select max(seq) from inbox), 0)::float8 as last",
  );
  return rows[0]?.last ?? 0;
}
