import { randomUUID } from "node:crypto";
import { migrateQueue } from "../queue/bullmq.ts";
import type { Database } from "../store/database.ts";
import { openEmbedded, type Preparation, prepare, preparedDataDirs, QUEUE_SCHEMA, SCHEMA } from "../store/embedded.ts";
import { livingOwner } from "../store/lock.ts";
import { migrate, migrationsFingerprint } from "../store/migrate.ts";
import { openPostgres } from "../store/postgres.ts";
import { createStore, type Store } from "../store/store.ts";

export type { Store } from "../store/store.ts";

export interface StoreOptions {
  /** Folder of the embedded store; without it, and without `databaseUrl`, the store lives in memory. */
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  /** Schemas of its own on the PostgreSQL server, dropped at the end. */
  readonly temporary?: boolean;
  readonly now: () => number;
  readonly newId: () => string;
  /** Told once when a new embedded store has to be prepared first, which takes seconds. */
  readonly onPrepare?: () => void;
}

/** Opens the store's database, with the tables of the record and of the queue up to date. */
export async function openDatabase({ databaseUrl, temporary = false, newId, ...embedded }: StoreOptions): Promise<Database> {
  if (databaseUrl === undefined) return migrated(await openHere(embedded), SCHEMA);
  const schema = temporary ? `${SCHEMA}_${newId().replaceAll("-", "").slice(0, 12)}` : SCHEMA;
  return migrated(await openPostgres({ url: databaseUrl, schema, temporary }), schema);
}

/** Opens the store alone, for looking things up: nothing is decided and no queue is worked on. */
export async function openStore(options: Omit<StoreOptions, "newId">): Promise<Store> {
  return createStore(await openDatabase({ ...options, newId: randomUUID }));
}

/** Makes what a new embedded store starts from, unless it is there. */
export const prepareStore = (onPrepare: () => void): Promise<void> => prepare({ preparation, onPrepare });

/** Where the server answers that owns the store of a folder; undefined where none does. */
export const serverOf = (dataDir: string): string | undefined => livingOwner(dataDir)?.url;

// --- internal ---

/** Both schemas, made by the same migrations that a server gets. */
const preparation: Preparation = {
  fingerprint: migrationsFingerprint(),
  cacheDirs: preparedDataDirs(),
  migrate: async (database) => void (await migrated(database, SCHEMA, QUEUE_SCHEMA)),
};

function openHere({ dataDir, now, onPrepare }: Pick<StoreOptions, "dataDir" | "now" | "onPrepare">): Promise<Database> {
  const clock = () => new Date(now());
  return openEmbedded({ preparation, now: clock, ...(dataDir === undefined ? {} : { dir: dataDir }), ...(onPrepare ? { onPrepare } : {}) });
}

async function migrated(database: Database, schema: string, queueSchema = database.queueSchema): Promise<Database> {
  try {
    await migrate(database.pool, schema);
    await migrateQueue(database.pool, queueSchema);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
