import { randomUUID } from "node:crypto";
import { migrateQueue } from "../queue/bullmq.ts";
import type { Database } from "../store/engines/database.ts";
import { openEmbedded, prepare, QUEUE_SCHEMA, SCHEMA } from "../store/engines/embedded.ts";
import { isProvenBy, livingOwner } from "../store/engines/lock.ts";
import { openPostgres } from "../store/engines/postgres.ts";
import { LAYOUT, type Preparation, preparedDataDirs } from "../store/engines/templates.ts";
import { estimateUpgrade, type UpgradeEstimate } from "../store/migrations/estimate.ts";
import { migrate, migrationsFingerprint } from "../store/migrations/migrate.ts";
import { createStore, type Store } from "../store/store.ts";

export { existsStore } from "../store/engines/embedded.ts";

export interface StoreOptions {
  /** Folder of the embedded store; without it, and without `databaseUrl`, the store lives in memory. */
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  /** Uses schemas of its own on the PostgreSQL server, dropped on close. */
  readonly temporary?: boolean;
  /** On a PostgreSQL server: only reads, with few connections, what another process has migrated. */
  readonly readOnly?: boolean;
  readonly now: () => number;
  readonly newId: () => string;
  /** Called once before a new embedded store is prepared, which takes seconds. */
  readonly onPrepare?: () => void;
  /** Receives problems that do not prevent the store from opening. */
  readonly onWarning?: (text: string) => void;
  /** Receives what an upgrade of an older store does, and how far it is. */
  readonly onUpgrade?: (text: string) => void;
}

/** Opens the store's database and migrates the tables of the record and the queue. */
export async function openDatabase({
  databaseUrl,
  temporary = false,
  readOnly = false,
  newId,
  onUpgrade,
  ...embedded
}: StoreOptions): Promise<Database> {
  if (databaseUrl === undefined) return migrated(await openHere(embedded), { onUpgrade });
  if (readOnly) return openPostgres({ url: databaseUrl, schema: SCHEMA, connections: 2, readOnly });
  const schema = temporary ? `${SCHEMA}_${newId().replaceAll("-", "").slice(0, 12)}` : SCHEMA;
  return migrated(await openPostgres({ url: databaseUrl, schema, temporary }), { schema, onUpgrade });
}

/** Opens the store for look-ups only: no decisions, no queue jobs. */
export async function openStore(options: Omit<StoreOptions, "newId">): Promise<Store> {
  return createStore(await openDatabase({ ...options, newId: randomUUID }));
}

/** What opening the store would upgrade first; undefined where it is empty. Nothing is changed. */
export async function upgradeOf(database: Database): Promise<UpgradeEstimate | undefined> {
  const estimate = await estimateUpgrade(database, SCHEMA);
  return estimate.from === 0 ? undefined : estimate;
}

/** Opens the store of a place without upgrading it. */
export function openAsItIs({ dataDir, databaseUrl }: Pick<StoreOptions, "dataDir" | "databaseUrl">): Promise<Database> {
  if (databaseUrl !== undefined) return openPostgres({ url: databaseUrl, schema: SCHEMA, connections: 2 });
  return openHere({ now: Date.now, ...(dataDir === undefined ? {} : { dataDir }) });
}

/** Prepares the template of a new embedded store, unless it exists. */
export const prepareStore = (onPrepare: () => void): Promise<void> => prepare({ preparation, onPrepare });

/** The server that owns the store of a folder, from the folder's lock file. */
export interface OwningServer {
  readonly url: string;
  /** Whether it knows a key; the key is sent only to a server that does. */
  isProvenBy(key: string): boolean;
}

/** The server that owns the store of a folder, or undefined. */
export function serverOf(dataDir: string): OwningServer | undefined {
  const owner = livingOwner(dataDir);
  return owner?.url === undefined ? undefined : { url: owner.url, isProvenBy: (key) => isProvenBy(key, owner) };
}

// --- internal ---

/** Both schemas, created by the same migrations as on a server. */
const preparation: Preparation = {
  fingerprint: `${migrationsFingerprint()}-${LAYOUT}`,
  cacheDirs: preparedDataDirs(),
  migrate: async (database) => void (await migrated(database, { queueSchema: QUEUE_SCHEMA })),
};

function openHere({ dataDir, now, ...callbacks }: Pick<StoreOptions, "dataDir" | "now" | "onPrepare" | "onWarning">): Promise<Database> {
  const clock = () => new Date(now());
  return openEmbedded({ ...callbacks, preparation, now: clock, ...(dataDir === undefined ? {} : { dir: dataDir }) });
}

interface MigratedOptions {
  readonly onUpgrade?: StoreOptions["onUpgrade"] | undefined;
  readonly schema?: string;
  readonly queueSchema?: string;
}

async function migrated(
  database: Database,
  { schema = SCHEMA, queueSchema = database.queueSchema, onUpgrade }: MigratedOptions,
): Promise<Database> {
  try {
    await migrate(database, schema, onUpgrade ? { tell: onUpgrade } : {});
    await migrateQueue(database.pool, queueSchema);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
