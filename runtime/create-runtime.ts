import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { OpenChannel } from "../channels/channel.ts";
import { channels as channelKinds } from "../channels/index.ts";
import { SentientError } from "../domain/errors.ts";
import type { Policy } from "../domain/policy.ts";
import type { Instant } from "../domain/time.ts";
import { migrateQueue, openQueue } from "../queue/bullmq.ts";
import { callTools } from "../queue/jobs.ts";
import type { Queue } from "../queue/queue.ts";
import type { Database } from "../store/database.ts";
import { openEmbedded, type Preparation, preparedDataDirs, QUEUE_SCHEMA, SCHEMA } from "../store/embedded.ts";
import { migrate, migrationsFingerprint } from "../store/migrate.ts";
import { openPostgres } from "../store/postgres.ts";
import { createStore, type Store } from "../store/store.ts";
import { tools } from "../tools/index.ts";
import { type ToolDeps, workCalls } from "./call-tool.ts";
import { createDecider, type Decider } from "./decide.ts";
import { createRelease } from "./release.ts";

export interface RuntimeOptions {
  readonly policy: Policy;
  /** Folder of the embedded store; without it, and without `databaseUrl`, the store lives in memory. */
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** A schema of its own on the PostgreSQL server, dropped at the end. */
  readonly temporary?: boolean;
  readonly live: boolean;
  readonly now: () => Instant;
  readonly newId?: () => string;
  readonly onPrepare?: () => void;
  readonly onTrouble?: (error: Error) => void;
}

/** Everything put together: the one place that knows every implementation. */
export interface Runtime {
  readonly store: Store;
  readonly queue: Queue;
  readonly decider: Decider;
  readonly deps: ToolDeps;
  /** Lets go of everything, in reverse. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { policy, live, now, newId = randomUUID, onTrouble = () => {} } = options;
  const { keep, release } = createRelease();
  try {
    const store = createStore(keep(await openStore(options, newId)));
    const { queuePool } = store.database;
    const prefix = options.temporary || !options.databaseUrl ? `sentient-${newId()}` : "sentient";
    const place = options.redisUrl
      ? ({ kind: "redis", url: options.redisUrl, prefix } as const)
      : ({ kind: "postgres", pool: queuePool } as const);
    const queue = keep(await openQueue({ place, newId, alone: !options.databaseUrl || options.temporary === true, onTrouble }));
    const channels = keepAll(keep, live ? await connectChannels(policy, resolve(options.dataDir ?? ".sentient")) : new Map());
    const deps: ToolDeps = { store, queue, policy, channels, live, now, newId, tools: new Map(tools.map((tool) => [tool.name, tool])) };
    await queue.work(callTools, async ({ calls }) => ({ outcomes: await workCalls(calls, deps) }));
    return { store, queue, deps, decider: createDecider(deps), close: release, [Symbol.asyncDispose]: release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** What a new embedded store starts from: both schemas, made by the same migrations that a server gets. */
export const preparation: Preparation = {
  fingerprint: migrationsFingerprint(),
  cacheDirs: preparedDataDirs(),
  migrate: (database) => migrateBoth(database, SCHEMA, QUEUE_SCHEMA),
};

// --- internal ---

async function openStore(
  { databaseUrl, dataDir, temporary = false, now, onPrepare }: RuntimeOptions,
  newId: () => string,
): Promise<Database> {
  if (databaseUrl === undefined) {
    const clock = () => new Date(now());
    const database = await openEmbedded({
      preparation,
      now: clock,
      ...(dataDir === undefined ? {} : { dir: dataDir }),
      ...(onPrepare ? { onPrepare } : {}),
    });
    await migrateBoth(database, SCHEMA, QUEUE_SCHEMA);
    return database;
  }
  const schema = temporary ? `sentient_${newId().replaceAll("-", "").slice(0, 12)}` : SCHEMA;
  const database = await openPostgres({ url: databaseUrl, schema, temporary });
  await migrateBoth(database, schema, database.queueSchema);
  return database;
}

async function migrateBoth({ pool, queuePool }: Database, schema: string, queueSchema: string): Promise<void> {
  await migrate(pool, schema);
  await migrateQueue(queuePool, queueSchema);
}

async function connectChannels(policy: Policy, dataDir: string): Promise<Map<string, OpenChannel>> {
  const open = new Map<string, OpenChannel>();
  for (const rule of Object.values(policy.channels).filter(({ kind }) => kind !== "human")) {
    const channel = channelKinds.find(({ kind }) => kind === rule.kind);
    if (!channel)
      throw new SentientError(
        "BAD_CONFIG",
        `channel ${rule.name}: ${rule.kind} cannot send in this version; leave out --live, or use another kind`,
      );
    const parsed = channel.options.safeParse(rule.options);
    if (!parsed.success)
      throw new SentientError(
        "BAD_CONFIG",
        `channel ${rule.name}: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`,
      );
    open.set(rule.name, await channel.connect(parsed.data as never, { dataDir: join(dataDir) }));
  }
  return open;
}

function keepAll<T extends Map<string, OpenChannel>>(keep: (one: { close(): Promise<void> }) => unknown, channels: T): T {
  for (const channel of channels.values()) keep({ close: async () => channel.close?.() });
  return channels;
}
