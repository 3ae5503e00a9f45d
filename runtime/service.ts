import { randomBytes } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { StartTimer } from "../concurrency/periodic.ts";
import { ownVersion } from "../config/package-root.ts";
import { actionOutputs } from "../delivery/preview-action.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { ReadSignal, SignalEvent } from "../domain/entities/signal.ts";
import { SentientError } from "../domain/errors.ts";
import { type Instant, MINUTE, SECOND } from "../domain/values/time.ts";
import { type Asking, createAsking } from "../engine/asking/asking.ts";
import { countingRuns } from "../engine/count-runs.ts";
import { registerProcess } from "../engine/process-registry.ts";
import { createReconciler } from "../engine/reconcile.ts";
import { CLOCK } from "../engine/run-stream.ts";
import { createTextReader } from "../engine/try-text.ts";
import { createVersionSweeper } from "../engine/version-sweep.ts";
import { createWorker } from "../engine/worker.ts";
import { createOutageMonitor, isOutage, type OutageMonitor } from "../health/outage.ts";
import { createReadiness } from "../health/readiness.ts";
import { createIngest, type Ingest } from "../intake/ingest.ts";
import { type Receipt, type Reporter, readReceipt } from "../intake/receipts.ts";
import { unsubscribing } from "../intake/unsubscribing.ts";
import { createWebhooks, type Webhooks } from "../intake/webhooks.ts";
import { createSessions, type Sessions } from "../operations/access/sessions.ts";
import type { CanaryOperations } from "../operations/canaries/canaries.ts";
import { createImporting, type Importing } from "../operations/importing.ts";
import { createWatcher, type Watcher } from "../operations/live/watcher.ts";
import { createLookUps, type LookUps } from "../operations/look-ups.ts";
import type { Operations } from "../operations/operation.ts";
import { createOperations } from "../operations/operations.ts";
import type { Assess } from "../operations/proposals/assessment.ts";
import { type ProposalOperations, proposalOperations } from "../operations/proposals/proposals.ts";
import { createPruner } from "../operations/prune.ts";
import { type RehearsalOperations, rehearsalOperations } from "../operations/rehearsals/rehearsals.ts";
import { SHORT } from "../operations/rehearsals/short.ts";
import { createVacuum } from "../operations/vacuum.ts";
import { type VersionDeps, type VersionOperations, versionOperations } from "../operations/versions/versions.ts";
import { createPreviews, type Previews } from "../operations/why/previews.ts";
import { probeRedis } from "../queue/bullmq.ts";
import { wakeWorkers } from "../queue/jobs.ts";
import type { Store } from "../store/store.ts";
import { errorFields, type Log } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { noTracing, type Tracing } from "../telemetry/trace.ts";
import { createRuntime, type Runtime, type RuntimeOptions } from "./create-runtime.ts";
import type { Edition } from "./following/editions.ts";
import { watchCanaries } from "./following/watch-canaries.ts";
import type { PlayRehearsal } from "./rehearsals/play-rehearsal.ts";
import { createRehearsing } from "./rehearsals/rehearsing.ts";
import { createRelease } from "./release.ts";
import { createWhatIf } from "./what-if.ts";

export type { Asker } from "../engine/asking/asking.ts";

export interface ServiceOptions extends Omit<RuntimeOptions, "live" | "works"> {
  readonly log: Log;
  /** False: nothing leaves the machine, as in `RuntimeOptions`. Default: true. */
  readonly live?: boolean;
  /** Batches in flight; 0: this process only ingests signals. */
  readonly concurrency: number;
  readonly maxWaiting?: number;
  /** The timer of `changes`, for tests. */
  readonly startTimerOfChanges?: StartTimer;
  /** Checks and compiles files of a version, with the environment and the code of this process. */
  readonly compile?: VersionDeps["compile"];
  /** Finds problems and golden decisions of a version as it would be published. */
  readonly assess?: Assess;
  /** Plays rehearsals; without it this process plays none. */
  readonly rehearse?: PlayRehearsal;
  /** Called with the open store before anything is decided, and with the policy that is decided by. */
  readonly beforeWork?: (store: Store, policy: Policy) => Promise<void>;
}

/** A running service: ingests signals, decides them, or both. */
export interface Service {
  /** The policy that is decided by; what reads it once, as a request does, reads under one version. */
  readonly policy: Policy;
  /** Version of this package. */
  readonly version: string;
  readonly ingest: Ingest;
  /** Answers asks at once. */
  readonly asking: Asking;
  readonly operations: Operations;
  /** Versions of the workspace in the store. */
  readonly versions: VersionOperations["versions"];
  /** The same for this process itself, which may bring code along. */
  versionsWith(code: Pick<VersionDeps, "compile" | "bundle">): VersionOperations["versions"];
  /** Experiences that are tried on a share of customers. */
  readonly canaries: CanaryOperations["canaries"];
  /** Changes of the catalogue that people propose. */
  readonly proposals: ProposalOperations["proposals"];
  /** Two policies on the same futures, played here or by another server of this store. */
  readonly rehearsals: RehearsalOperations["rehearsals"];
  readonly lookUps: LookUps;
  /** Mails as sealed pages. */
  readonly previews: Previews;
  readonly importing: Importing;
  readonly sessions: Sessions;
  readonly webhooks: Webhooks;
  /** Changes in the store, for pages that are open. */
  readonly changes: Watcher;
  /** Signals of an unsubscribe link's token; undefined if the token is not ours. */
  unsubscribing(token: string): Promise<readonly SignalEvent[] | undefined>;
  /** The signal of a receipt; rejects where the delivery is unknown, or not one that the reporter may report on. */
  readReceipt(receipt: Receipt, by: Reporter): Promise<ReadSignal>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly tracing: Tracing;
  /** Records what the store rejects. */
  readonly outages: OutageMonitor;
  readonly now: () => Instant;
  /** Writes the address of the API into the data folder, with proofs of the keys it holds; commands find the server by it. */
  announce(url: string, keys: readonly string[]): void;
  /** Wakes this process's worker, or the others through the queue: there may be something to decide. */
  nudge(): void;
  /** Why this process is not ready for requests; undefined if it is. */
  whyNotReady(): Promise<string | undefined>;
  /** What an operator should know of a process that is ready: its folder is not the version in force. */
  warning(): string | undefined;
  /** Starts draining: not ready from now on; work in flight continues. */
  drain(): void;
  /** Graceful shutdown: finishes work in flight and closes everything. */
  close(): Promise<void>;
}

/** A service and the store beneath it. */
export interface ServiceOnStore extends Service {
  readonly store: Store;
}

/** Opens a service on the store of its options. */
export const openService = (options: ServiceOptions): Promise<Service> => openServiceOnStore(options);

/** The same with the store beneath it: for tests and benches, which look at rows. */
export async function openServiceOnStore(options: ServiceOptions): Promise<ServiceOnStore> {
  const { log, concurrency, now, tracing = noTracing } = options;
  const { keep, release } = createRelease();
  const metrics = createMetrics();
  let isDraining = false;
  keep(tracing);
  try {
    const outages = createOutageMonitor({ log, metrics });
    const runtime = keep(
      await createRuntime({
        ...{ patienceMs: PATIENCE_MS, ...queueEvents(outages, log) },
        ...options,
        following: options.following && { onError: unread(outages, log), ...options.following },
        ...{ live: options.live ?? true, onWallClock: true, works: concurrency > 0, believesMerges: false },
        onRestored: (names) => log.warn(RESTORED, names),
      }),
    );
    const { store } = runtime;
    if (options.redisUrl !== undefined) await checkRedis(options.redisUrl, log);
    await store.inbox.catchUp();
    // A service runs on the wall clock, also on a store filled by a stream.
    if ((await store.setting(CLOCK)) !== undefined) await store.commit([], { [CLOCK]: null });
    await options.beforeWork?.(store, runtime.catalogue.current().policy);
    const nudge = concurrency > 0 ? await workHere(runtime, options, { metrics, outages }, keep) : nudgeOthers(runtime, outages);
    const ingest = accepting(runtime, options, { outages, nudge });
    keep({ close: () => ingest.settled() });
    const asking = answering(runtime, log, { metrics, outages });
    keep({ close: () => asking.settled() });
    watch(metrics, runtime, outages);
    const { sessions, changes } = watching(store, options, outages);
    keep({ close: async () => changes.drain() });
    const readiness = createReadiness({ store, outages });
    const services = perVersion(runtime.catalogue, (edition) => servicesOf(edition, options));
    const rehearsals = rehearsalsOf(runtime, options, outages, keep);
    const versioned = versionedOf(runtime, options, { metrics, outages, rehearsals: rehearsals.operations }, keep);
    // Problems of webhooks are told at start.
    services();
    return {
      ...{ version: ownVersion(), store, ingest, asking, ...versioned },
      get policy() {
        return runtime.catalogue.current().policy;
      },
      get operations() {
        return services().operations;
      },
      get lookUps() {
        return services().lookUps;
      },
      get previews() {
        return services().previews;
      },
      get importing() {
        return services().importing;
      },
      get webhooks() {
        return services().webhooks;
      },
      ...{ sessions, changes, rehearsals: rehearsals.operations, metrics, log, tracing, outages, now, nudge, close: release },
      announce: (url, keys) => store.database.announce?.(url, keys),
      unsubscribing: (token) => unsubscribing(token, store),
      readReceipt: (receipt, by) => readReceipt(receipt, by, store),
      whyNotReady: async () => (isDraining ? "this process is shutting down" : (runtime.catalogue.whyNot() ?? readiness())),
      warning: () => warningOf(runtime, options),
      drain: () => {
        isDraining = true;
        changes.drain();
        rehearsals.stop();
      },
    };
  } catch (error) {
    await release().catch(() => {});
    throw error;
  }
}

// --- internal ---

/** The way in for signals. */
function accepting(
  { store: { inbox }, catalogue }: Runtime,
  { log, now, tracing = noTracing, maxWaiting }: ServiceOptions,
  { outages, nudge }: { readonly outages: OutageMonitor; readonly nudge: () => void },
): Ingest {
  const channels = (): Policy["channels"] => catalogue.current().policy.channels;
  return createIngest({
    inbox,
    tracing,
    now,
    get channels() {
      return channels();
    },
    onUnknownChannel: once((channel) =>
      log.warn("a consent for an unknown channel is kept under its name", { channel, known: Object.keys(channels()) }),
    ),
    onAccepted() {
      outages.succeeded();
      nudge();
    },
    paceMs: PACE_MS,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  });
}

/** Sessions, and changes for open pages: a session that ends takes its streams along. */
function watching(
  store: Store,
  { now, startTimerOfChanges }: ServiceOptions,
  outages: OutageMonitor,
): Pick<Service, "sessions" | "changes"> {
  const sessions = createSessions({
    ...{ store, now, newToken: () => randomBytes(32).toString("base64url") },
    onEnded: (sessionId) => changes.endSession(sessionId),
  });
  const changes: Watcher = createWatcher({
    marks: store.marks,
    sessionIds: async () => (await sessions.list()).map(({ id }) => id),
    onError: (error) => outages.report(error),
    startTimer: startTimerOfChanges,
  });
  return { sessions, changes };
}

/** Answers asks, in every process that serves. */
const answering = ({ store, decider, deps: { newId, now } }: Runtime, log: Log, { metrics, outages }: Watched): Asking =>
  createAsking({ ...{ store, now, newId, log, metrics, outages }, decider: countingRuns(decider, metrics) });

/** The part of a store that the API uses under one version: a request takes it once, and ends under that version. */
function servicesOf(
  { store, policy, tools, model, embeddings, ownChannels }: Edition,
  { now, log, publicUrl, compile, tracing = noTracing }: ServiceOptions,
): Pick<Service, "operations" | "lookUps" | "previews" | "importing" | "webhooks"> {
  const onProblem = (channel: string, problem: string): void => log.warn("webhooks of a channel are not accepted", { channel, problem });
  const outputOf = actionOutputs(tools);
  const whatIf = createWhatIf({ store, policy, tools: [...tools.values()], now, compile });
  return {
    operations: createOperations({ store, policy, now, tracing, outputOf }),
    lookUps: createLookUps({
      whatIf: () => whatIf,
      store,
      policy: () => policy,
      outputOf: () => outputOf,
      tryText: () => createTextReader(model?.model, now, embeddings),
      modelName: () => model?.model.name,
      now,
    }),
    previews: createPreviews({ store, policy, now, outputOf }),
    importing: createImporting({ store, policy, now }),
    webhooks: createWebhooks({ policy, own: ownChannels, store, now, publicUrl, onProblem }),
  };
}

/** Connection errors of the queue are outages; a server that carries no hints costs only more. */
const queueEvents = (outages: OutageMonitor, log: Log): Pick<RuntimeOptions, "onTrouble" | "onRefused"> => ({
  onTrouble: (error) => outages.report(error),
  onRefused: (error) => log.warn(REFUSED, errorFields(error)),
});

/** The version in force could not be read: an outage is told once, not every second. */
const unread =
  (outages: OutageMonitor, log: Log) =>
  (error: unknown): void => {
    if (isOutage(error)) outages.report(error);
    else log.warn("the version in force could not be read", errorFields(error));
  };

/** What is made of a version once, while it is decided by. */
function perVersion<T>(catalogue: Runtime["catalogue"], make: (edition: Edition) => T): () => T {
  let made: { readonly of: Edition; readonly it: T } | undefined;
  return () => {
    const edition = catalogue.current();
    if (made?.of !== edition) made = { of: edition, it: make(edition) };
    return made.it;
  };
}

/** What is published here is decided by here when the request ends. */
type ThenFollow = <T>(published: Promise<T>) => Promise<T>;

const following =
  ({ follow }: Runtime, { log }: ServiceOptions): ThenFollow =>
  async (published) => {
    const result = await published;
    await follow().catch((error: unknown) => log.warn("the version in force could not be read", errorFields(error)));
    return result;
  };

/** Versions; what is published here is decided by here when the request ends. */
function versionsOf(
  { store }: Runtime,
  { now, compile = cannotCompile }: ServiceOptions,
  thenFollow: ThenFollow,
): Pick<Service, "versions" | "versionsWith"> {
  const opened = (code: Pick<VersionDeps, "compile" | "bundle" | "takesCode">): Service["versions"] => {
    const versions = versionOperations({ ...code, store, now });
    return {
      ...versions,
      publish: (request, actor) => thenFollow(versions.publish(request, actor)),
      restore: (version, actor) => thenFollow(versions.restore(version, actor)),
    };
  };
  return { versions: opened({ compile, takesCode: false }), versionsWith: (code) => opened({ ...code, takesCode: true }) };
}

/** Versions, the canaries of the one in force, and what others could be. */
function versionedOf(
  runtime: Runtime,
  options: ServiceOptions,
  { rehearsals, ...watched }: Watched & { readonly rehearsals: Service["rehearsals"] },
  keep: Keep,
) {
  const thenFollow = following(runtime, options);
  const versioned = versionsOf(runtime, options, thenFollow);
  const works = options.concurrency > 0;
  return {
    ...versioned,
    proposals: proposalsOf(runtime, options, { thenFollow, rehearsals }),
    canaries: keep(watchCanaries(runtime, versioned.versions, { log: options.log, works, ...watched })).operations,
  };
}

/** Proposals, assessed with the code of the version in force, and rehearsed beside it. */
function proposalsOf(
  { store, catalogue, deps: { newId } }: Runtime,
  { now, assess = cannotAssess }: ServiceOptions,
  { thenFollow, rehearsals }: { readonly thenFollow: ThenFollow; readonly rehearsals: Service["rehearsals"] },
): Service["proposals"] {
  const proposals = proposalOperations({
    ...{ store, now, newId },
    rehearse: (proposal, actor) => rehearsals.start({ ...SHORT, with: { proposal } }, actor),
    assess: async (files) => {
      const why = catalogue.whyNot();
      if (why !== undefined) throw new SentientError("NOT_READY", why);
      return assess(files);
    },
  });
  return { ...proposals, approve: (request, actor) => thenFollow(proposals.approve(request, actor)) };
}

/** Rehearsals, which this process plays in its turn where it can. */
function rehearsalsOf(
  { store, deps: { newId } }: Runtime,
  { now, log, rehearse }: ServiceOptions,
  outages: OutageMonitor,
  keep: Keep,
): { readonly operations: Service["rehearsals"]; stop(): void } {
  if (!rehearse)
    return { operations: { ...rehearsalOperations({ store, now, newId, onChanged: () => {} }), start: cannotRehearse }, stop: () => {} };
  const rehearsing = createRehearsing({ store, play: rehearse, owner: newId(), now, log, outages });
  rehearsing.start();
  keep({ close: () => rehearsing.stop() });
  return {
    operations: rehearsalOperations({ store, now, newId, onChanged: () => rehearsing.nudge() }),
    // A signal that ends this process may end the one beside it too.
    stop: () => void rehearsing.stop(),
  };
}

const cannotRehearse = async (): Promise<never> => {
  throw new SentientError("CONFLICT", "this server was started without a workspace folder, and plays no rehearsals");
};

function warningOf({ catalogue }: Runtime, { policy: { version }, following }: ServiceOptions): string | undefined {
  const inForce = catalogue.current().policy.version;
  if (!following || inForce === version) return undefined;
  return `the folder of this process is version ${version.slice(0, 12)}, and ${inForce.slice(0, 12)} is in force and decided by; publish the folder with: npx sentient publish`;
}

/** A service without a folder knows no code of a workspace, and cannot tell whether files are sound. */
const cannotCompile: VersionDeps["compile"] = () => {
  throw new SentientError("BAD_CONFIG", "this server was started without a workspace folder, and cannot check files of one");
};

const cannotAssess: Assess = () => {
  throw new SentientError("BAD_CONFIG", "this server was started without a workspace folder, and cannot check what is proposed");
};

const REFUSED = "the queue's server does not carry wake-up hints for this process";

const RESTORED = "this store is a copy or was restored; it gets a queue of its own, and pending work is found in its rows";

/** Pace of the group commit: a transaction costs as much as several signals, and a decision takes longer than this. */
const PACE_MS = 10;

/** Most providers that answer at all do so within it; waiting longer would let a slow provider delay other customers. */
const PATIENCE_MS = 500;

type Keep = ReturnType<typeof createRelease>["keep"];

interface Watched {
  readonly metrics: Metrics;
  readonly outages: OutageMonitor;
}

async function workHere(runtime: Runtime, options: ServiceOptions, { metrics, outages }: Watched, keep: Keep): Promise<() => void> {
  const { store, decider, deps, catalogue } = runtime;
  const { log, concurrency } = options;
  const registered = await registerProcess({ store, catalogue, newId: deps.newId }, log);
  const worker = createWorker({
    processId: registered.processId,
    ...{ store, log, outages, concurrency },
    decider: countingRuns(decider, metrics),
    now: deps.now,
    newId: deps.newId,
    onDecided: (wakes, ms) => {
      metrics.add("sentient_wakes_total", {}, wakes);
      metrics.observe("sentient_batch_seconds", ms / 1000);
    },
    onFailed: (isDead) => metrics.add("sentient_wakes_failed_total", { retried: isDead ? "no" : "yes" }),
  });
  const reconciler = createReconciler({ catalogue, decider, log, outages });
  const vacuum = createVacuum({ store, log, outages });
  const pruner = createPruner({
    ...{ store, now: deps.now, log, metrics, outages },
    policy: () => (catalogue.whyNot() === undefined ? catalogue.current().policy : undefined),
  });
  const sweeper = createVersionSweeper({
    ...{ store, now: deps.now, log, outages },
    policy: () => (catalogue.whyNot() === undefined ? catalogue.current().policy : undefined),
  });
  await deps.queue.subscribe(wakeWorkers, () => worker.nudge());
  worker.start();
  reconciler.start();
  vacuum.start();
  pruner.start();
  sweeper.start();
  keep({
    close: async () => {
      await worker.stop();
      await registered.stop();
      await reconciler.stop();
      await vacuum.stop();
      await pruner.stop();
      await sweeper.stop();
    },
  });
  return () => worker.nudge();
}

/** Throttle for wake-up hints: a worker drains everything pending, so more are redundant. */
const NUDGE_EVERY_MS = 50;

function nudgeOthers({ deps: { queue } }: Runtime, outages: OutageMonitor): () => void {
  let isThrottled = false;
  let wasNudged = false;
  const tell = (): void => {
    isThrottled = true;
    wasNudged = false;
    // Workers also poll, so a lost hint only delays them.
    queue.publish(wakeWorkers).catch((error: unknown) => outages.report(error));
    setTimeout(() => {
      isThrottled = false;
      if (wasNudged) tell();
    }, NUDGE_EVERY_MS).unref();
  };
  return () => {
    if (isThrottled) wasNudged = true;
    else tell();
  };
}

/** A Redis that evicts keys loses jobs; the reconciler recovers them from the rows, but late. */
export async function checkRedis(url: string, log: Log): Promise<void> {
  const { policy = "noeviction" } = await probeRedis(url);
  if (policy !== "noeviction") log.warn("Redis drops keys when memory is short; set its maxmemory-policy to noeviction", { policy });
}

/** Bound of the reported names, which come from outside. */
const MAX_REPORTED = 100;

/** Reports each name once. */
function once(report: (name: string) => void): (name: string) => void {
  const reported = new Set<string>();
  return (name) => {
    if (reported.has(name) || reported.size >= MAX_REPORTED) return;
    reported.add(name);
    report(name);
  };
}

/** Bound of the count: beyond it the exact number does not matter. */
const MAX_COUNTED = 1_000_000;

function watch(metrics: Metrics, { store, catalogue }: Runtime, outages: OutageMonitor): void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  metrics.gauge("sentient_version_in_force", async () => {
    const policyVersion = await store.versions.inForce();
    const last = policyVersion === undefined ? undefined : await store.versions.lastOf(policyVersion);
    return last ? [{ labels: { policy_version: last.policyVersion }, value: Math.floor(last.at / SECOND) }] : [];
  });
  metrics.gauge("sentient_version_decided_by", () => [
    { labels: { policy_version: catalogue.current().policy.version }, value: catalogue.whyNot() === undefined ? 1 : 0 },
  ]);
  metrics.gauge("sentient_deliveries_left", async () => (await store.processes.unclaimed(Date.now() - MINUTE, 1_000)).length);
  metrics.gauge("sentient_signals_waiting", () => store.inbox.backlog(MAX_COUNTED));
  metrics.gauge("sentient_store_trouble_seconds", () => outages.seconds());
  metrics.gauge("sentient_resident_memory_bytes", () => process.memoryUsage.rss());
  metrics.gauge("sentient_event_loop_delay_seconds", () => {
    const mean = delay.mean / 1e9;
    delay.reset();
    return Number.isFinite(mean) ? mean : 0;
  });
}
