import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { AnyChannel } from "../channels/channel.ts";
import { createGuardedFetch } from "../channels/http/guarded-fetch.ts";
import { silenceThirdPartyTracing } from "../config/third-party-tracing.ts";
import { workCalls } from "../delivery/call-tool.ts";
import type { Catalogue } from "../delivery/catalogue.ts";
import { createHandedOver } from "../delivery/handed-over.ts";
import { UNKNOWN_HERE, waits } from "../delivery/run-outside.ts";
import { createSendQueues, type SendQueueOptions } from "../delivery/send-queues.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import type { CallOutcome } from "../domain/entities/call-outcome.ts";
import type { Policy } from "../domain/entities/policy.ts";
import type { SentientError } from "../domain/errors.ts";
import { heirsOf } from "../domain/learning/lessons.ts";
import { createMemory } from "../engine/ask-model.ts";
import { createKnownCanaries, type KnownCanaries } from "../engine/canaries/canary-watch.ts";
import { createDecider, type Decider, type DeciderOptions } from "../engine/decide.ts";
import { recoverOnStart } from "../engine/recover.ts";
import { unsubscribeLinks } from "../intake/unsubscribing.ts";
import { createMemoryLedger } from "../models/budget.ts";
import { openQueue, type QueuePlace } from "../queue/bullmq.ts";
import { type CallRef, callTools } from "../queue/jobs.ts";
import type { JobStart } from "../queue/queue.ts";
import { createStore, type Store } from "../store/store.ts";
import { storeName } from "../store/store-name.ts";
import { noTracing, outgoingTrace, type Tracing } from "../telemetry/trace.ts";
import { tools } from "../tools/index.ts";
import type { AnyTool } from "../tools/tool.ts";
import { connectChannels, type StandIn } from "./connect-channels.ts";
import type { ConnectModel } from "./connect-model.ts";
import type { ConnectEmbeddings, Connecting } from "./embeddings/connect-embeddings.ts";
import { type Compiled, createEditions, type Edition, type Editions } from "./following/editions.ts";
import { type Following, followVersions } from "./following/follow-versions.ts";
import { openDatabase, type StoreOptions } from "./open-store.ts";
import { createRelease } from "./release.ts";

export interface RuntimeOptions extends Omit<StoreOptions, "newId">, DeciderOptions, SendQueueOptions {
  readonly policy: Policy;
  /** How the version in force of the store is followed; without it the given policy is decided by for good. */
  readonly following?: Following | undefined;
  readonly redisUrl?: string;
  /** False: nothing leaves the machine; messages are only recorded, and external calls return nothing. */
  readonly live: boolean;
  /** The workspace's own tools. */
  readonly tools?: readonly AnyTool[];
  /** The workspace's own channels. */
  readonly channels?: readonly AnyChannel[];
  /** Hosts that `http_request` may reach. */
  readonly httpHosts?: readonly string[];
  /** Connects the language model, if any. */
  readonly model?: ConnectModel | undefined;
  /** Connects the embeddings model, if any. */
  readonly embeddings?: ConnectEmbeddings | undefined;
  readonly newId?: () => string;
  /** Default: no tracing. */
  readonly tracing?: Tracing;
  /** Public base URL of the server, for links in messages. */
  readonly publicUrl?: string;
  /** Called when a file replaces a channel that lacks an option; without it, such a channel is an error. */
  readonly standIn?: StandIn;
  /** True on the wall clock, as in a service; false on the clock of a stream. */
  readonly onWallClock?: boolean;
  /** False: processes no queue jobs, as a process that only ingests signals. */
  readonly works?: boolean;
  /** Called when the store is a copy or was restored, and therefore uses another queue. */
  readonly onRestored?: (names: { readonly was: string; readonly name: string }) => void;
  /** Receives connection errors that recover by themselves. */
  readonly onTrouble?: (error: Error) => void;
  /** Called once, if the server of the queue does not carry hints to other processes without jobs. */
  readonly onRefused?: (error: SentientError) => void;
}

/** The composition root: the only place that knows every implementation. */
export interface Runtime {
  readonly store: Store;
  readonly decider: Decider;
  /** What this process decides by. */
  readonly catalogue: Catalogue<Edition>;
  /** What became of canaries, as this process knows it. */
  readonly canaries: KnownCanaries;
  /** Looks now which version is in force, and follows it. */
  follow(): Promise<void>;
  /** Dependencies of tool calls under the current version, for code beside the decider. */
  readonly deps: ToolDeps;
  /** Closes everything in reverse order. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createRuntime({ newId = randomUUID, onTrouble = () => {}, ...options }: RuntimeOptions): Promise<Runtime> {
  const { live, now, dataDir = ".sentient", tracing = noTracing } = options;
  const { keep, release } = createRelease();
  silenceThirdPartyTracing();
  try {
    const database = keep(await openDatabase({ ...options, newId }));
    const store = createStore(database);
    const alone = options.databaseUrl === undefined || options.temporary === true;
    const queue = keep(
      await openQueue({
        place: await queuePlace(options, store, { newId, now }),
        newId,
        alone,
        onTrouble,
        ...(options.onRefused ? { onRefused: options.onRefused } : {}),
        ...lockOf(alone),
      }),
    );
    const request = createGuardedFetch({ allowedHosts: options.httpHosts ?? [], tracing });
    const links = options.publicUrl === undefined ? {} : { unsubscribeUrlOf: await unsubscribeLinks(store, options.publicUrl) };
    const canaries = createKnownCanaries(store);
    await canaries.refresh();
    const carriesOut = live && options.works !== false;
    const handedOver = createHandedOver();
    const catalogue: Editions = keep(
      createEditions({
        base: () => ({
          ...links,
          canaries,
          store,
          sendQueues,
          handedOver,
          queue,
          request,
          live,
          tracing,
          onWallClock: options.onWallClock,
          now,
          newId,
        }),
        toolsOf: (own) => new Map([...tools, ...own].map((tool) => [tool.name, tool])),
        connectChannels: async ({ policy, channels: own }, take) =>
          carriesOut ? connectChannels(policy, resolve(dataDir), { standIn: options.standIn, tracing, own, take }) : new Map(),
        connectModel: async (connect) => {
          const connected = await modelFor(connect, options, store);
          if (carriesOut) connected.model.prepare?.().catch(onTrouble);
          return connected;
        },
        connectEmbeddings: (connect) => connect(embeddingsDeps(options, store)),
        beforeOffer: ({ policy }) => store.adoptVariants(heirsOf(policy)),
        afterOffer: ({ policy, embeddings }) => {
          if (carriesOut) embeddings?.prepare(policy.classify.learnedFrom()).catch(onTrouble);
        },
      }),
    );
    const sendQueues = keep(createSendQueues({ store, catalogue, now, newId }, options));
    const follow = await beginBy(options, store, catalogue, keep);
    if (alone) await recoverOnStart(catalogue.current());
    if (options.works !== false) await queue.work(callTools, ({ calls }, start) => workOn(calls, start, catalogue));
    return {
      ...{ store, catalogue, canaries, follow, decider: createDecider(catalogue, options), close: release, [Symbol.asyncDispose]: release },
      get deps() {
        return catalogue.current();
      },
    };
  } catch (error) {
    // The first error is the one to report.
    await release().catch(() => {});
    throw error;
  }
}

// --- internal ---

/** With several processes, jobs of a dead one should be taken over soon. */
const SHARED_LOCK_MS = 20_000;
const lockOf = (alone: boolean): { lockMs?: number } => (alone ? {} : { lockMs: SHARED_LOCK_MS });

/** Begins by the given version, or by the one in force. Returns how to look again. */
async function beginBy(
  { policy, tools: own = [], channels = [], model, embeddings, following }: Omit<RuntimeOptions, "newId">,
  store: Store,
  editions: Editions,
  keep: ReturnType<typeof createRelease>["keep"],
): Promise<() => Promise<void>> {
  const given: Compiled = { policy, tools: own, channels, model, embeddings };
  if (!following) {
    await editions.offer(given);
    return async () => {};
  }
  const follower = await followVersions(store, editions, given, following);
  keep({ close: () => follower.stop() });
  return follower.look;
}

/** Calls of a job. What this process cannot do under the version in force is left to the one that planned it. */
const workOn = (calls: readonly CallRef[], start: JobStart, catalogue: Catalogue): Promise<{ outcomes: CallOutcome[] }> =>
  catalogue.using(async (deps) => ({
    outcomes: catalogue.whyNot() === undefined ? await workCalls(calls, deps, start) : calls.map(({ key }) => waits(key, UNKNOWN_HERE)),
  }));

const isKept = ({ dataDir, databaseUrl, temporary }: Pick<RuntimeOptions, "dataDir" | "databaseUrl" | "temporary">): boolean =>
  temporary !== true && (dataDir !== undefined || databaseUrl !== undefined);

/** A temporary store does not know the day's spending, so the process keeps its own ledger. */
async function modelFor(
  connect: ConnectModel,
  { tracing = noTracing, ...options }: Omit<RuntimeOptions, "newId">,
  { spending }: Store,
): Promise<NonNullable<ToolDeps["model"]>> {
  return { model: await connect(isKept(options) ? spending : createMemoryLedger(), () => outgoingTrace(tracing)), memory: createMemory() };
}

/** What embeddings of a runtime are connected with: vectors of examples are kept where the store is. */
function embeddingsDeps(options: Omit<RuntimeOptions, "newId">, store: Store): Connecting {
  const { tracing = noTracing, onWarning, onWallClock } = options;
  return {
    ledger: isKept(options) ? store.embeddingSpending : createMemoryLedger(),
    kept: store.exampleVectors,
    isHurried: onWallClock === true,
    headers: () => outgoingTrace(tracing),
    ...(onWarning ? { onChanged: onWarning } : {}),
  };
}

/** Redis if configured; otherwise the queues live in the store's PostgreSQL. */
export async function queuePlace(
  { redisUrl, onRestored, ...options }: Pick<RuntimeOptions, "redisUrl" | "databaseUrl" | "dataDir" | "temporary" | "onRestored">,
  { database }: Pick<Store, "database">,
  { newId, now }: { readonly newId: () => string; readonly now: () => number },
): Promise<QueuePlace> {
  const { pool, url, queueSchema } = database;
  if (redisUrl === undefined) return url === undefined ? { kind: "pool", pool } : { kind: "postgres", url, schema: queueSchema };
  const { databaseUrl, dataDir, temporary = false } = options;
  // Queues of two stores must not share a prefix in one Redis: a worker would take jobs without rows in its store. Queues of a
  // temporary store are temporary too.
  if (temporary || (databaseUrl === undefined && dataDir === undefined)) {
    return { kind: "redis", url: redisUrl, prefix: `sentient-${newId()}`, temporary: true };
  }
  const { name, was } = await storeName(database, { newId, now });
  if (was !== undefined) onRestored?.({ was, name });
  return { kind: "redis", url: redisUrl, prefix: `sentient-${name}`, temporary: false };
}
