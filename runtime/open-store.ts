import { randomUUID } from "node:crypto";
import { migrateQueue } from "../queue/bullmq.ts";
import type { Database } from "../store/engines/database.ts";
import { openEmbedded, prepare, QUEUE_SCHEMA, SCHEMA } from "../store/engines/embedded.ts";
import { isProvenBy, livingOwner } from "../store/engines/lock.ts";
import { openPostgres } from "../store/engines/postgres.ts";
import { type Preparation, preparedDataDirs } from "../store/engines/templates.ts";
import { migrate, migrationsFingerprint } from "../store/migrations/migrate.ts";
import { createStore, type Store } from "../store/store.ts";

export { existsStore } from "../store/engines/embedded.ts";
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
  /** Told what is not as it should be and does not keep the store from opening. */
  readonly onWarning?: (text: string) => void;
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

/** The server that owns the store of a folder, as the folder says. */
export interface OwningServer {
  readonly url: string;
  /** Whether it holds a key: only then is the key shown to it. */
  isProvenBy(key: string): boolean;
}

/** The server that owns the store of a folder; undefined where none does. */
export function serverOf(dataDir: string): OwningServer | undefined {
  const owner = livingOwner(dataDir);
  return owner?.url === undefined ? undefined : { url: owner.url, isProvenBy: (key) => isProvenBy(key, owner) };
}

// --- internal ---

/** Both schemas, made by the same migrations that a server gets. */
const preparation: Preparation = {
  fingerprint: migrationsFingerprint(),
  cacheDirs: preparedDataDirs(),
  migrate: async (database) => void (await migrated(database, SCHEMA, QUEUE_SCHEMA)),
};

function openHere({ dataDir, now, ...told }: Pick<StoreOptions, "dataDir" | "now" | "onPrepare" | "onWarning">): Promise<Database> {
  const clock = () => new Date(now());
  return openEmbedded({ ...told, preparation, now: clock, ...(dataDir === undefined ? {} : { dir: dataDir }) });
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
