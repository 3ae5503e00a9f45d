import { createHmac, timingSafeEqual } from "node:crypto";
import { closeSync, existsSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { SentientError } from "../../domain/errors.ts";
import { hashOfKey } from "../../domain/identity/key-rights.ts";
import { makePrivateFolder, OWNER_FILE } from "./owner-only.ts";

/** A text that is printed on a terminal and may come from anybody. */
const printable = z
  .string()
  .max(300)
  .regex(/^\P{C}*$/u);

const Owner = z.object({
  pid: z.number().int().positive(),
  /** When the process began, as the system counts it: a pid that was given out again is another owner. */
  began: printable,
  host: printable,
  since: printable,
  /** Where its server answers, if it has one. */
  url: printable.regex(/^https?:[/][/]/).optional(),
  /** That it is so, for each key of that server: whoever holds one can tell, and nobody without one could have written it. */
  proofs: z.array(printable).max(1_000).optional(),
});

/** Who owns a data folder. */
export type Owner = Readonly<z.infer<typeof Owner>>;

export interface Lock {
  /** Tells other processes where the owner's server answers, and proves it to those who hold one of its keys. */
  announce(url: string, keys: readonly string[]): void;
  release(): void;
}

/**
 * Takes the lock beside the data of a folder. PGlite takes none, and two processes on one folder lose acknowledged
 * writes without an error. A lock whose owner is gone is taken over; a living owner is never robbed.
 */
export function takeLock(dir: string, now: () => Date): Lock {
  makePrivateFolder(dir);
  const path = join(dir, "lock");
  const own: Owner = { pid: process.pid, began: startTimeOf(process.pid) ?? "", host: hostname(), since: now().toISOString() };
  // The first try may find a lock whose owner is gone, and others may be clearing it away at the same time.
  for (let attempt = 0; attempt < 20; attempt++) {
    if (create(path, own)) return lockOn(path, own);
    const owner = livingOwner(dir);
    if (owner) throw ownedBy(dir, owner);
    if (!removeStale(dir, path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
  }
  throw ownedBy(dir, readOwner(dir));
}

/** Who owns the folder now; undefined when nobody does. The owner may be gone. */
export function readOwner(dir: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(join(dir, "lock"), "utf8")));
  } catch {
    // No lock, one that was cut off while it was written, or none of ours.
    return undefined;
  }
}

/** The owner of a folder, if its process is alive. */
export function livingOwner(dir: string): Owner | undefined {
  const owner = readOwner(dir);
  return owner && isAlive(owner) ? owner : undefined;
}

/**
 * Whether the owner's server answers where the lock says, told by a key of it. A data folder may come from anywhere with a lock
 * that names any address. The proof stands for this address, this process and this host, so that neither a copy of the folder
 * nor a lock of yesterday proves anything.
 */
export function isProvenBy(key: string, owner: Owner): boolean {
  if (owner.host !== hostname() || !isAlive(owner)) return false;
  const proof = Buffer.from(proofOf(key, owner));
  return (owner.proofs ?? []).map((one) => Buffer.from(one)).some((one) => one.length === proof.length && timingSafeEqual(one, proof));
}

// --- internal ---

const proofOf = (key: string, { url, host, pid, began, since }: Owner): string =>
  createHmac("sha256", hashOfKey(key))
    .update(JSON.stringify(["sentient lock", url, host, pid, began, since]))
    .digest("base64url");

function create(path: string, owner: Owner): boolean {
  const draft = `${path}.${owner.pid}.${process.hrtime.bigint()}`;
  writeFileSync(draft, JSON.stringify(owner), { mode: OWNER_FILE, flag: "wx" });
  try {
    // A link either appears whole or not at all, and fails when the name is taken.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Removes the lock of a process that is gone, by one remover at a time: whoever comes second looks again and finds another owner. */
function removeStale(dir: string, path: string): boolean {
  const guard = `${path}.clearing`;
  try {
    closeSync(openSync(guard, "wx", OWNER_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // Clearing takes milliseconds. A guard this old was left by a crash.
    if (ageMs(guard) > 10_000) rmSync(guard, { force: true });
    return false;
  }
  try {
    // Where there is none any more, somebody may be about to make his own.
    if (existsSync(path) && !livingOwner(dir)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
  return true;
}

function ageMs(path: string): number {
  try {
    // From the future: the clock was put back.
    return Math.abs(Date.now() - statSync(path).mtimeMs);
  } catch {
    // Gone meanwhile: it was not old.
    return 0;
  }
}

function lockOn(path: string, own: Owner): Lock {
  const isOurs = (): boolean => {
    try {
      const { pid, began } = JSON.parse(readFileSync(path, "utf8")) as Owner;
      return pid === own.pid && began === own.began;
    } catch {
      return false;
    }
  };
  return {
    announce(url, keys) {
      const draft = `${path}.${own.pid}.${process.hrtime.bigint()}`;
      const announced = { ...own, url };
      writeFileSync(draft, JSON.stringify({ ...announced, proofs: keys.map((key) => proofOf(key, announced)) }), {
        mode: OWNER_FILE,
        flag: "wx",
      });
      renameSync(draft, path);
    },
    release() {
      if (isOurs()) rmSync(path, { force: true });
    },
  };
}

function isAlive({ pid, began, host }: Owner): boolean {
  // On another host nothing can be told about the process; it counts as alive.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startTimeOf(pid);
  return now === undefined || began === "" || now === began;
}

/** Start time of a process in clock ticks since boot, from Linux's /proc; undefined elsewhere or when it is gone. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function ownedBy(dir: string, owner: Owner | undefined): SentientError {
  const where = owner === undefined || owner.host === hostname() ? "" : ` on ${owner.host}`;
  const holder = owner
    ? `process ${owner.pid}${where} (since ${owner.since}${owner.url === undefined ? "" : `, serving at ${owner.url}`})`
    : "another process";
  const hint = where === "" ? "" : `; if that host is gone for good, remove ${join(dir, "lock")}`;
  return new SentientError(
    "STORE_OWNED",
    `the data folder ${dir} is owned by ${holder}; stop it, or choose another folder with --data${hint}`,
    owner ? { pid: owner.pid } : {},
  );
}
