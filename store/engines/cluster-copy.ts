import { constants, readdirSync, rmSync, statSync } from "node:fs";
import { cp, mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { SentientError } from "../../domain/errors.ts";
import type { Pool, StoreCopy } from "./database.ts";

/** Beside the store: on the same disk a copy may share its blocks, and the next start finds one that a killed process has left. */
const COPY = "pg.copy-";

/** The free bytes of the disk that a folder is on. */
export type FreeBytes = (folder: string) => Promise<number>;

/**
 * Copies a store that is open, as it is at one instant. Statements wait meanwhile: the engine is this process's own, and writes only while it runs one.
 *
 * @throws STORE_FAILED where there is no room for it; nothing is left of it then
 */
export async function copyCluster(pool: Pool, place: string, dataDir: string, free: FreeBytes = freeBytes): Promise<StoreCopy> {
  const folder = await mkdtemp(join(place, COPY));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  // A transaction has the session for itself.
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("checkpoint");
    await requireRoom(place, bytesBelow(dataDir), free);
    await cp(dataDir, join(folder, "pg"), { recursive: true, mode: constants.COPYFILE_FICLONE });
    await client.query("rollback");
    return { dataDir: folder, remove };
  } catch (error) {
    await remove();
    throw isFull(error) ? noRoom(place, "the disk is full", error) : error;
  } finally {
    client.release();
  }
}

/** Removes copies that a killed process has left, for who holds the lock of the folder. */
export function removeCopies(place: string): void {
  for (const name of readdirSync(place)) if (name.startsWith(COPY)) rmSync(join(place, name), { recursive: true, force: true });
}

// --- internal ---

/** What the store itself may need while the copy is there. */
const SPARE_BYTES = 256 * 2 ** 20;

async function requireRoom(place: string, bytes: number, free: FreeBytes): Promise<void> {
  const left = await free(place);
  if (left >= bytes + SPARE_BYTES) return;
  const mb = (count: number): string => `${Math.ceil(count / 2 ** 20)} MB`;
  throw noRoom(place, `it has ${mb(bytes)}, and of ${mb(left)} that are free ${mb(SPARE_BYTES)} are left to the store`);
}

const noRoom = (place: string, why: string, cause?: unknown): SentientError =>
  new SentientError("STORE_FAILED", `there is no room in ${place} for a copy of the store: ${why}`, { cause });

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

const isFull = (error: unknown): boolean => ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
