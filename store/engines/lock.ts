import { createHmac, timingSafeEqual } from "node:crypto";
import { closeSync, existsSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { SentientError } from "../../domain/errors.ts";
import { hashOfKey } from "../../domain/identity/key-rights.ts";
import { makePrivateFolder, OWNER_FILE } from "./owner-only.ts";

/** A text that is printed on a terminal and may come from an untrusted source: no control characters. */
const printable = z
  .string()
  .max(300)
  .regex(/^\P{C}*$/u);

const Owner = z.object({
  pid: z.number().int().positive(),
  /** Start time of the process, as the system counts it: distinguishes a reused pid from the original owner. */
  began: printable,
  host: printable,
  since: printable,
  /** URL of its server, if it has one. */
  url: printable.regex(/^https?:[/][/]/).optional(),
  /** An HMAC of the entry for each key of that server: a key holder can verify it, and only a key holder can create it. */
  proofs: z.array(printable).max(1_000).optional(),
});

/** The process that owns a data folder. */
export type Owner = Readonly<z.infer<typeof Owner>>;

export interface Lock {
  /** Publishes the URL of the owner's server, with a proof for holders of one of its keys. */
  announce(url: string, keys: readonly string[]): void;
  release(): void;
}

/**
 * Takes the lock file of a data folder. PGlite has no lock, and two processes on one folder lose acknowledged writes without an
 * error. The stale lock of a dead process is taken over; that of a living one never is.
 */
export function takeLock(dir: string, now: () => Date): Lock {
  makePrivateFolder(dir);
  const path = join(dir, "lock");
  const own: Owner = { pid: process.pid, began: startTimeOf(process.pid) ?? "", host: hostname(), since: now().toISOString() };
  // The first attempt may find a stale lock, and other processes may be removing it at the same time.
  for (let attempt = 0; attempt < 20; attempt++) {
    if (create(path, own)) return lockOn(path, own);
    const owner = livingOwner(dir);
    if (owner) throw ownedBy(dir, owner);
    if (!removeStale(dir, path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
  }
  throw ownedBy(dir, readOwner(dir));
}

/** The owner that the lock names, alive or not; undefined without a lock. */
export function readOwner(dir: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(join(dir, "lock"), "utf8")));
  } catch {
    // No lock, a truncated one, or a foreign file.
    return undefined;
  }
}

/** The owner of a folder, if its process is alive. */
export function livingOwner(dir: string): Owner | undefined {
  const owner = readOwner(dir);
  return owner && isAlive(owner) ? owner : undefined;
}

/**
 * Whether a key proves that the owner's server answers at the URL in the lock. A data folder may come from anywhere, with a lock that
 * names any address. The proof covers this address, process and host, so neither a copy of the folder nor an old lock passes.
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
    // Linking is atomic, and fails if the name exists.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Removes the lock of a dead process, one remover at a time: a second one checks again and finds the new owner. */
function removeStale(dir: string, path: string): boolean {
  const guard = `${path}.clearing`;
  try {
    closeSync(openSync(guard, "wx", OWNER_FILE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    // Removing takes milliseconds. A guard this old was left by a crash.
    if (ageMs(guard) > 10_000) rmSync(guard, { force: true });
    return false;
  }
  try {
    // If the lock has disappeared, another process may be about to create its own.
    if (existsSync(path) && !livingOwner(dir)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
  return true;
}

function ageMs(path: string): number {
  try {
    // Absolute: after a clock correction the time may be in the future.
    return Math.abs(Date.now() - statSync(path).mtimeMs);
  } catch {
    // Removed meanwhile: it was not old.
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
  // A process on another host cannot be checked; it counts as alive.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const now = startTimeOf(pid);
  return now === undefined || began === "" || now === began;
}

/** Start time of a process in clock ticks since boot, from Linux's /proc; undefined elsewhere, or if the process has ended. */
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
  const hint = where === "" ? "" : `; if that host no longer exists, remove ${join(dir, "lock")}`;
  return new SentientError(
    "STORE_OWNED",
    `the data folder ${dir} is owned by ${holder}; stop it, or choose another folder with --data${hint}`,
    owner ? { pid: owner.pid } : {},
  );
}
