import { accessSync, constants, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { PGlite, PGliteOptions } from "@electric-sql/pglite";
import { SentientError } from "../domain/errors.ts";
import type { Database, Pool } from "./database.ts";
import { type Lock, takeLock } from "./lock.ts";
import { createPglitePool } from "./pglite-pool.ts";
import { PLANNING } from "./planning.ts";

export const SCHEMA = "sentient";
export const QUEUE_SCHEMA = "bullmq";

/** How the tables of a new embedded store come about. `fingerprint` names the result: the same one can be used again. */
export interface Preparation {
  readonly fingerprint: string;
  readonly migrate: (database: Database) => Promise<void>;
  readonly cacheDirs: readonly string[];
}

export interface EmbeddedOptions {
  /** Without it the store lives in memory and is gone with the process. */
  readonly dir?: string;
  readonly preparation: Preparation;
  readonly now: () => Date;
  /** Told once when a new store has to be prepared first, which takes seconds. */
  readonly onPrepare?: () => void;
}

/**
 * Opens the PostgreSQL inside this process (PGlite). A new store starts from prepared data, which takes a fraction of a
 * second instead of the seconds that creating a cluster takes. With a folder, its lock is held until the store is closed.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Database> {
  const { dir, now } = options;
  if (dir === undefined) return database(await start({ loadDataDir: await prepared(options) }), "memory", undefined);
  const place = resolve(dir);
  const lock = takeLock(place, now);
  try {
    return database(await startIn(join(place, "pg"), options), place, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether a folder holds a store. */
export const existsStore = (dir: string): boolean => existsSync(join(dir, "pg.ready"));

/** Makes the prepared data now, unless it is there. */
export async function prepare(options: Pick<EmbeddedOptions, "preparation" | "onPrepare">): Promise<void> {
  await preparedFolder(options);
}

/** Where prepared data may be kept, the first that can be written to: beside the installed packages, else the temporary folder. */
export function preparedDataDirs(): string[] {
  return [
    join(import.meta.dirname, "..", "node_modules", ".cache", "sentient"),
    join(tmpdir(), `sentient-${process.getuid?.() ?? "cache"}`),
  ];
}

// --- internal ---

async function start(options: PGliteOptions): Promise<PGlite> {
  const { PGlite } = await import("@electric-sql/pglite");
  return PGlite.create(options);
}

async function startIn(dataDir: string, options: EmbeddedOptions): Promise<PGlite> {
  // A first start that was cut off leaves a folder without this file; nothing was stored in it yet.
  if (existsSync(dataDir) && !existsSync(`${dataDir}.ready`)) rmSync(dataDir, { recursive: true, force: true });
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0) {
    try {
      return await start({ dataDir });
    } catch (error) {
      throw new SentientError(
        "STORE_FAILED",
        `the embedded database in ${dataDir} does not start; keep a copy of the folder before you try to mend it`,
        { cause: error },
      );
    }
  }
  mkdirSync(dirname(dataDir), { recursive: true });
  const folder = await preparedFolder(options);
  // Copying files takes a fifth of the time in which they are unpacked.
  if (folder !== undefined) cpSync(folder, dataDir, { recursive: true });
  const pglite = await start(folder === undefined ? { dataDir, loadDataDir: await prepared(options) } : { dataDir });
  await writeFile(`${dataDir}.ready`, "");
  return pglite;
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
    ...(lock ? { announce: (url: string) => lock.announce(url) } : {}),
  };
}

async function prepared({ preparation, onPrepare }: Pick<EmbeddedOptions, "preparation" | "onPrepare">): Promise<Blob> {
  const file = `store-${preparation.fingerprint}.tar`;
  for (const dir of preparation.cacheDirs) {
    if (existsSync(join(dir, file))) return new Blob([await readFile(join(dir, file))]);
  }
  onPrepare?.();
  const bytes = await makePrepared(preparation);
  for (const dir of preparation.cacheDirs) if (await keep(dir, file, bytes)) break;
  return new Blob([bytes]);
}

/** The same, unpacked, for stores in folders; undefined where it can be kept nowhere. */
async function preparedFolder(options: Pick<EmbeddedOptions, "preparation" | "onPrepare">): Promise<string | undefined> {
  const { cacheDirs, fingerprint } = options.preparation;
  const folders = cacheDirs.map((dir) => join(dir, `store-${fingerprint}`));
  const known = folders.find((folder) => existsSync(folder));
  if (known !== undefined) return known;
  const data = await prepared(options);
  for (const folder of folders) if (await keepUnpacked(folder, data)) return folder;
  return undefined;
}

/** Unpacks beside and renames, so that nobody copies half a folder. Whoever comes second finds the first one's. */
async function keepUnpacked(folder: string, data: Blob): Promise<boolean> {
  const draft = `${folder}.${process.pid}`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    accessSync(dirname(folder), constants.W_OK);
    await (await start({ dataDir: draft, loadDataDir: data })).close();
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!isUnwritable(error) && !existsSync(folder)) throw error;
  }
  return existsSync(folder);
}

async function makePrepared(preparation: Preparation): Promise<Uint8Array<ArrayBuffer>> {
  // Small segments of write-ahead log: a new store is copied whole, and most of it would be empty log.
  const pglite = await start({ initDbStartParams: ["--wal-segsize=1", "--allow-group-access", "--encoding=UTF8", "--locale=C.UTF-8"] });
  const made = await database(pglite, "prepared data", undefined);
  await preparation.migrate(made);
  await pglite.exec("checkpoint");
  const dump = await pglite.dumpDataDir("none");
  await made.close();
  return new Uint8Array(await dump.arrayBuffer());
}

/** Writes beside and renames, so that nobody reads half a file; false where the folder cannot be written to. */
async function keep(dir: string, file: string, bytes: Uint8Array): Promise<boolean> {
  const draft = join(dir, `${file}.${process.pid}`);
  try {
    mkdirSync(dir, { recursive: true });
    await writeFile(draft, bytes);
    renameSync(draft, join(dir, file));
    return true;
  } catch (error) {
    rmSync(draft, { force: true });
    if (isUnwritable(error)) return false;
    throw error;
  }
}

const isUnwritable = (error: unknown): boolean =>
  ["EACCES", "EROFS", "ENOENT", "EPERM", "ENOSPC"].includes((error as NodeJS.ErrnoException).code ?? "");
