import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { AnyChannel } from "../channels/channel.ts";
import { createGuardedFetch } from "../channels/http/guarded-fetch.ts";
import { silenceThirdPartyTracing } from "../config/third-party-tracing.ts";
import { workCalls } from "../delivery/call-tool.ts";
import { createSendQueues, type SendQueueOptions } from "../delivery/send-queues.ts";
import type { ToolDeps } from "../delivery/tool-deps.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { heirsOf } from "../domain/learning/lessons.ts";
import { createMemory } from "../engine/ask-model.ts";
import { createDecider, type Decider, type DeciderOptions } from "../engine/decide.ts";
import { recoverOnStart } from "../engine/recover.ts";
import { unsubscribeLinks } from "../intake/unsubscribing.ts";
import { createMemoryLedger } from "../models/budget.ts";
import { openQueue, type QueuePlace } from "../queue/bullmq.ts";
import { callTools } from "../queue/jobs.ts";
import { createStore, type Store } from "../store/store.ts";
import { storeName } from "../store/store-name.ts";
import { noTracing, outgoingTrace, type Tracing } from "../telemetry/trace.ts";
import { tools } from "../tools/index.ts";
import type { AnyTool } from "../tools/tool.ts";
import { connectChannels, type StandIn } from "./connect-channels.ts";
import type { ConnectModel } from "./connect-model.ts";
import { openDatabase, type StoreOptions } from "./open-store.ts";
import { createRelease } from "./release.ts";

export interface RuntimeOptions extends Omit<StoreOptions, "newId">, DeciderOptions, SendQueueOptions {
  readonly policy: Policy;
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
}

/** The composition root: the only place that knows every implementation. */
export interface Runtime {
  readonly store: Store;
  readonly decider: Decider;
  /** Dependencies of tool calls, for code beside the decider. */
  readonly deps: ToolDeps;
  /** Closes everything in reverse order. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createRuntime({ newId = randomUUID, onTrouble = () => {}, ...options }: RuntimeOptions): Promise<Runtime> {
  const { policy, live, now, dataDir = ".sentient", tracing = noTracing } = options;
  const { keep, release } = createRelease();
  silenceThirdPartyTracing();
  try {
    const database = keep(await openDatabase({ ...options, newId }));
    const store = createStore(database);
    await store.adoptVariants(heirsOf(policy));
    const alone = options.databaseUrl === undefined || options.temporary === true;
    const queue = keep(
      await openQueue({
        place: await queuePlace(options, store, { newId, now }),
        newId,
        alone,
        onTrouble,
        ...lockOf(alone),
      }),
    );
    const channels =
      live && options.works !== false
        ? await connectChannels(policy, resolve(dataDir), { standIn: options.standIn, tracing, own: options.channels })
        : new Map();
    for (const channel of channels.values()) keep({ close: async () => channel.close?.() });
    const request = createGuardedFetch({ allowedHosts: options.httpHosts ?? [], tracing });
    const known = new Map([...tools, ...(options.tools ?? [])].map((tool) => [tool.name, tool]));
    const links = options.publicUrl === undefined ? {} : { unsubscribeUrlOf: await unsubscribeLinks(store, options.publicUrl) };
    const sendQueues = keep(createSendQueues({ ...links, store, policy, channels, tracing, now, newId }, options));
    const deps: ToolDeps = {
      ...links,
      store,
      sendQueues,
      queue,
      policy,
      channels,
      request,
      live,
      tracing,
      onWallClock: options.onWallClock,
      now,
      newId,
      tools: known,
      ...(await modelFor(options, store)),
    };
    if (live && options.works !== false) deps.model?.model.prepare?.().catch(onTrouble);
    if (alone) await recoverOnStart(deps);
    if (options.works !== false) await queue.work(callTools, async ({ calls }) => ({ outcomes: await workCalls(calls, deps) }));
    return { store, deps, decider: createDecider(deps, options), close: release, [Symbol.asyncDispose]: release };
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

/** A temporary store does not know the day's spending, so the process keeps its own ledger. */
async function modelFor(
  { model, dataDir, databaseUrl, temporary, tracing = noTracing }: Omit<RuntimeOptions, "newId">,
  { spending }: Store,
): Promise<Pick<ToolDeps, "model">> {
  if (!model) return {};
  const isKept = temporary !== true && (dataDir !== undefined || databaseUrl !== undefined);
  return { model: { model: await model(isKept ? spending : createMemoryLedger(), () => outgoingTrace(tracing)), memory: createMemory() } };
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
