import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { SentientError } from "../domain/errors.ts";

/** Who owns a data folder. */
export interface Owner {
  readonly pid: number;
  /** When the process began, as the system counts it: a pid that was given out again is another owner. */
  readonly began: string;
  readonly host: string;
  readonly since: string;
  /** Where its server answers, if it has one. */
  readonly url?: string;
}

export interface Lock {
  /** Tells other processes where the owner's server answers. */
  announce(url: string): void;
  release(): void;
}

/**
 * Takes the lock beside the data of a folder. PGlite takes none, and two processes on one folder lose acknowledged
 * writes without an error. A lock whose owner is gone is taken over; a living owner is never robbed.
 */
export function takeLock(dir: string, now: () => Date): Lock {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "lock");
  const own: Owner = { pid: process.pid, began: beganOf(process.pid) ?? "", host: hostname(), since: now().toISOString() };
  // The first try may find a lock whose owner is gone, and others may be clearing it away at the same time.
  for (let attempt = 0; attempt < 20; attempt++) {
    if (create(path, own)) return lockOn(path, own);
    const owner = livingOwner(dir);
    if (owner) throw ownedBy(dir, owner);
    if (!clearAway(dir, path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
  }
  throw ownedBy(dir, readOwner(dir));
}

/** Who owns the folder now; undefined when nobody does. The owner may be gone. */
export function readOwner(dir: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, "lock"), "utf8")) as Owner;
  } catch {
    // No lock, or one that was cut off while it was written.
    return undefined;
  }
}

/** The owner of a folder, if its process is alive. */
export function livingOwner(dir: string): Owner | undefined {
  const owner = readOwner(dir);
  return owner && isAlive(owner) ? owner : undefined;
}

// --- internal ---

function create(path: string, owner: Owner): boolean {
  const draft = `${path}.${owner.pid}.${process.hrtime.bigint()}`;
  writeFileSync(draft, JSON.stringify(owner));
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
function clearAway(dir: string, path: string): boolean {
  const guard = `${path}.clearing`;
  try {
    closeSync(openSync(guard, "wx"));
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
  const mine = (): boolean => {
    try {
      const { pid, began } = JSON.parse(readFileSync(path, "utf8")) as Owner;
      return pid === own.pid && began === own.began;
    } catch {
      return false;
    }
  };
  return {
    announce(url) {
      const draft = `${path}.${own.pid}`;
      writeFileSync(draft, JSON.stringify({ ...own, url }));
      renameSync(draft, path);
    },
    release() {
      if (mine()) rmSync(path, { force: true });
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
  const now = beganOf(pid);
  return now === undefined || began === "" || now === began;
}

/** Start time of a process in clock ticks since boot, from Linux's /proc; undefined elsewhere or when it is gone. */
function beganOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function ownedBy(dir: string, owner: Owner | undefined): SentientError {
  const where = owner === undefined || owner.host === hostname() ? "" : ` on ${owner.host}`;
  const who = owner
    ? `process ${owner.pid}${where} (since ${owner.since}${owner.url === undefined ? "" : `, serving at ${owner.url}`})`
    : "another process";
  const gone = where === "" ? "" : `; if that host is gone for good, remove ${join(dir, "lock")}`;
  return new SentientError(
    "STORE_OWNED",
    `the data folder ${dir} is owned by ${who}; stop it, or choose another folder with --data${gone}`,
    owner ? { pid: owner.pid } : {},
  );
}
