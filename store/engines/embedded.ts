import { chmodSync, cpSync, lstatSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { SentientError } from "../../domain/errors.ts";
import type { Database, Pool } from "./database.ts";
import { type Lock, takeLock } from "./lock.ts";
import { makePrivateFolder, OWNER_FILE, OWNER_FOLDER, restrictToOwner } from "./owner-only.ts";
import { startEngine } from "./pglite.ts";
import { createPglitePool } from "./pglite-pool.ts";
import { PLANNING } from "./planning.ts";
import { type Preparation, templateFile, templateFolder } from "./templates.ts";

export const SCHEMA = "sentient";
export const QUEUE_SCHEMA = "bullmq";

export interface EmbeddedOptions {
  /** Without it the store lives in memory and is gone with the process. */
  readonly dir?: string;
  readonly preparation: Preparation;
  readonly now: () => Date;
  /** Told once when a new store has to be prepared first, which takes seconds. */
  readonly onPrepare?: (() => void) | undefined;
  /** Told what is not as it should be and does not keep the store from opening. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Opens the PostgreSQL inside this process (PGlite). A new store starts from prepared data, which takes a fraction of a
 * second instead of the seconds that creating a cluster takes. With a folder, its lock is held until the store is closed.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dir, now } = options;
  if (dir === undefined) return database(await startEngine({ loadDataDir: await templateFile(templated(options)) }), "memory", undefined);
  const place = resolve(dir);
  const lock = takeLock(place, now);
  try {
    return await database(await startIn(place, options), place, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether a folder holds a store. */
export const existsStore = (dir: string): boolean => stateOf(join(dir, "pg")) !== "absent";

/** Makes the prepared data now, unless it is there. */
export async function prepare(options: Pick<EmbeddedOptions, "preparation" | "onPrepare">): Promise<void> {
  await templateFolder(templated(options));
}

// --- internal ---

const templated = ({ preparation, onPrepare }: Pick<EmbeddedOptions, "preparation" | "onPrepare">) => ({
  ...{ preparation, onPrepare },
  open: (engine: PGlite) => database(engine, "prepared data", undefined),
});

async function startIn(place: string, options: EmbeddedOptions): Promise<PGlite> {
  const dataDir = join(place, "pg");
  const state = stateOf(dataDir);
  if (state === "broken") throw notADatabase(dataDir);
  if (state === "absent") await createCluster(place, dataDir, options);
  restrictAccess(place, realpathSync(dataDir), options);
  try {
    // The engine takes no link for a folder.
    const engine = await startEngine({ dataDir: realpathSync(dataDir) });
    writeReadyMarker(dataDir);
    return engine;
  } catch (error) {
    throw new SentientError(
      "STORE_FAILED",
      `the embedded database in ${dataDir} does not start; keep a copy of the folder before you try to mend it`,
      { cause: error },
    );
  }
}

/** What makes a folder a cluster of PostgreSQL. Without them it would make a new one over what is there. */
const VITAL = ["PG_VERSION", join("global", "pg_control"), "base", "pg_wal"];

/** Whatever is there is data: it is opened or left alone. Only what is not there, or empty, is made. */
function stateOf(dataDir: string): "absent" | "whole" | "broken" {
  if (lstatSync(dataDir, { throwIfNoEntry: false }) === undefined) return "absent";
  // A link that leads nowhere may lead to a disk that is not there at the moment.
  if (statSync(dataDir, { throwIfNoEntry: false })?.isDirectory() !== true) return "broken";
  if (readdirSync(dataDir).length === 0) return lstatSync(dataDir).isDirectory() ? "absent" : "broken";
  return VITAL.every((name) => statSync(join(dataDir, name), { throwIfNoEntry: false }) !== undefined) ? "whole" : "broken";
}

const notADatabase = (dataDir: string): SentientError =>
  new SentientError(
    "STORE_FAILED",
    `${dataDir} is there and is no whole database (one has ${VITAL.join(", ")}); nothing in it was changed. Put the whole folder back, ` +
      `or, if nothing in it is needed (a first start that was cut off), move it away: mv ${dataDir} ${dataDir}.broken`,
  );

/** A store on its way, beside the place where it will be: nothing was stored in it yet. */
const DRAFT = "pg.draft-";

/** Builds beside and renames, so that a folder of this name is always whole. */
async function createCluster(place: string, dataDir: string, options: EmbeddedOptions): Promise<void> {
  // The lock is ours: a draft that is there was left by a process that is gone.
  for (const name of readdirSync(place)) if (name.startsWith(DRAFT)) rmSync(join(place, name), { recursive: true, force: true });
  const draft = join(place, `${DRAFT}${process.pid}`);
  const folder = await templateFolder(templated(options));
  makePrivateFolder(draft);
  // Copying files takes a fifth of the time in which they are unpacked.
  if (folder !== undefined) cpSync(folder, draft, { recursive: true });
  else await (await startEngine({ dataDir: draft, loadDataDir: await templateFile(templated(options)) })).close();
  restrictToOwner(draft);
  writeReadyMarker(dataDir);
  if (lstatSync(dataDir, { throwIfNoEntry: false })) rmdirSync(dataDir);
  renameSync(draft, dataDir);
}

/** Earlier versions take a folder without this file for one that was never finished, and delete it. */
function writeReadyMarker(dataDir: string): void {
  const path = `${dataDir}.ready`;
  // A link in its place leads to somebody's file.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) writeFileSync(path, "", { mode: OWNER_FILE, flag: "wx" });
}

/** Stores of earlier versions, and copies that went through other hands, could be read and changed by anybody on the machine. */
function restrictAccess(place: string, dataDir: string, { onWarning }: EmbeddedOptions): void {
  const left = restrictToOwner(dataDir) + (restrictFolder(place) ? 0 : 1);
  if (left > 0)
    onWarning?.(
      `${left} entries of the data folder ${place} can be read or changed by other users, and only their owner can change that: chmod -R go= ${place}`,
    );
}

/** What is ours in a data folder: the store, its lock, keys, and what file channels write. */
const OURS = /^(pg([.].*)?|lock([.].*)?|keys[.]json([.].*)?|.*[.]jsonl)$/;

/** The folder too, unless it is there for other things: somebody's home, say. What is ours in it is for its owner alone in any case. */
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

async function database(pglite: PGlite, place: string, lock: Lock | undefined): Promise<Database> {
  // One session serves everybody, so its search path must find the tables of the record and of the queue.
  await pglite.exec(
    `set search_path = ${SCHEMA}, ${QUEUE_SCHEMA}; ${Object.entries(PLANNING)
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
    ...(lock ? { announce: (url: string, keys: readonly string[]) => lock.announce(url, keys) } : {}),
  };
}
