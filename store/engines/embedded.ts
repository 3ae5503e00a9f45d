import { chmodSync, lstatSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { SentientError } from "../../domain/errors.ts";
import { copyCluster, removeCopies } from "./cluster-copy.ts";
import type { Database, Pool } from "./database.ts";
import { unpack } from "./image.ts";
import { type Lock, takeLock } from "./lock.ts";
import { makePrivateFolder, OWNER_FILE, OWNER_FOLDER, restrictToOwner } from "./owner-only.ts";
import { startEngine } from "./pglite.ts";
import { createPglitePool } from "./pglite-pool.ts";
import { PLANNING } from "./planning.ts";
import { type Preparation, templateFile } from "./templates.ts";

export const SCHEMA = "sentient";
export const QUEUE_SCHEMA = "bullmq";

export interface EmbeddedOptions {
  /** Without it the store is in memory and ends with the process. */
  readonly dir?: string;
  readonly preparation: Preparation;
  readonly now: () => Date;
  /** Called once if a new store has to be prepared first, which takes seconds. */
  readonly onPrepare?: (() => void) | undefined;
  /** Called with problems that do not prevent the store from opening. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Opens the embedded PostgreSQL (PGlite). A new store starts from a template, in a fraction of a second instead of the seconds
 * that initdb takes. With a folder, its lock is held until the store is closed.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dir, now } = options;
  if (dir === undefined) return database(await startEngine({ image: await templateFile(templated(options)) }), "memory", undefined);
  const place = resolve(dir);
  const lock = takeLock(place, now);
  try {
    return await database(await startIn(place, options), place, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether a folder contains a store, intact or not. */
export const existsStore = (dir: string): boolean => stateOf(join(dir, "pg")) !== "absent";

/** Creates the template now, unless it exists. */
export async function prepare(options: Pick<EmbeddedOptions, "preparation" | "onPrepare">): Promise<void> {
  await templateFile(templated(options));
}

// --- internal ---

const templated = ({ preparation, onPrepare }: Pick<EmbeddedOptions, "preparation" | "onPrepare">) => ({
  ...{ preparation, onPrepare },
  open: (engine: PGlite) => database(engine, "prepared data", undefined),
});

async function startIn(place: string, options: EmbeddedOptions): Promise<PGlite> {
  const dataDir = join(place, "pg");
  removeCopies(place);
  const state = stateOf(dataDir);
  if (state === "broken") throw notADatabase(dataDir);
  if (state === "absent") await createCluster(place, dataDir, options);
  restrictAccess(place, realpathSync(dataDir), options);
  try {
    // The engine does not follow a symbolic link to a folder.
    const engine = await startEngine({ dataDir: realpathSync(dataDir) });
    writeReadyMarker(dataDir);
    return engine;
  } catch (error) {
    throw new SentientError(
      "STORE_FAILED",
      `the embedded database in ${dataDir} does not start; keep a copy of the folder before you try to repair it`,
      { cause: error },
    );
  }
}

/** Files that make a folder a PostgreSQL cluster. Without them the engine would create a new cluster over the existing data. */
const VITAL = ["PG_VERSION", join("global", "pg_control"), "base", "pg_wal"];

/** Existing content is data: it is opened or left alone. Only a missing or empty folder is initialised. */
function stateOf(dataDir: string): "absent" | "whole" | "broken" {
  if (lstatSync(dataDir, { throwIfNoEntry: false }) === undefined) return "absent";
  // A dangling link may point to a disk that is not mounted at the moment.
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() !== true) return "broken";
  if (readdirSync(dataDir).length === 0) return lstatSync(dataDir).isDirectory() ? "absent" : "broken";
  return VITAL.every((name) => statSync(join(dataDir, name), { throwIfNoEntry: false }) !== undefined) ? "whole" : "broken";
}

const notADatabase = (dataDir: string): SentientError =>
  new SentientError(
    "STORE_FAILED",
    `${dataDir} exists and is no complete database (which has ${VITAL.join(", ")}); nothing in it was changed. Restore the complete folder, ` +
      `or, if nothing in it is needed (an interrupted first start), move it away: mv ${dataDir} ${dataDir}.broken`,
  );

/** A store being created, beside its final place: it contains no data yet. */
const DRAFT = "pg.draft-";

/** Creates a draft and renames it, so a folder of the final name is always complete. */
async function createCluster(place: string, dataDir: string, options: EmbeddedOptions): Promise<void> {
  // This process holds the lock, so any existing draft was left by a crashed one.
  for (const name of readdirSync(place)) if (name.startsWith(DRAFT)) rmSync(join(place, name), { recursive: true, force: true });
  const draft = join(place, `${DRAFT}${process.pid}`);
  makePrivateFolder(draft);
  unpack(await templateFile(templated(options)), draft, OWNER_FOLDER);
  writeReadyMarker(dataDir);
  if (lstatSync(dataDir, { throwIfNoEntry: false })) rmdirSync(dataDir);
  renameSync(draft, dataDir);
}

/** Earlier versions delete a folder without this file as an unfinished one. */
function writeReadyMarker(dataDir: string): void {
  const path = `${dataDir}.ready`;
  // A link in its place points to a foreign file.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) writeFileSync(path, "", { mode: OWNER_FILE, flag: "wx" });
}

/** Stores of earlier versions, and copied ones, may be readable and writable for every user of the machine. */
function restrictAccess(place: string, dataDir: string, { onWarning }: EmbeddedOptions): void {
  const left = restrictToOwner(dataDir) + (restrictFolder(place) ? 0 : 1);
  if (left > 0)
    onWarning?.(
      `${left} entries of the data folder ${place} can be read or changed by other users, and only their owner can change that: chmod -R go= ${place}`,
    );
}

/** Our files in a data folder: the store, its lock, keys, and the output of file channels. */
const OURS = /^(pg([.].*)?|lock([.].*)?|keys[.]json([.].*)?|.*[.]jsonl)$/;

/** Restricts the folder too, unless it also serves another purpose, like a home directory. Our files in it are owner-only in any case. */
function restrictFolder(place: string): boolean {
  const { mode } = statSync(place);
  const isOurs = basename(place) === ".sentient" || readdirSync(place).every((name) => OURS.test(name));
  if (!isOurs || (mode & 0o077) === 0) return true;
  try {
    chmodSync(place, mode & OWNER_FOLDER);
    return true;
  } catch {
    return false;
  }
}

/** A sample of 3,000 rows instead of 30,000: the thread that takes it answers nothing meanwhile, and plans go by index all the same. */
const STATISTICS: Readonly<Record<string, string>> = { default_statistics_target: "10" };

async function database(pglite: PGlite, place: string, lock: Lock | undefined): Promise<Database> {
  // All clients share one session, so its search path must include the tables of the record and of the queue.
  await pglite.exec(
    `set search_path = ${SCHEMA}, ${QUEUE_SCHEMA}; ${Object.entries({ ...PLANNING, ...STATISTICS })
      .map(([name, value]) => `set ${name} = ${value}`)
      .join("; ")}`,
  );
  const pool: Pool = createPglitePool(pglite);
  return {
    kind: "embedded",
    place,
    pool,
    queueSchema: QUEUE_SCHEMA,
    async close() {
      await pglite.close();
      lock?.release();
    },
    ...(lock
      ? {
          copy: () => copyCluster(pool, place, realpathSync(join(place, "pg"))),
          announce: (url: string, keys: readonly string[]) => lock.announce(url, keys),
        }
      : {}),
  };
}
