import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";

/** Permissions of everybody but the owner. */
const OTHERS = 0o077;
/** Those with which others could change something. */
const OTHERS_WRITE = 0o022;

export const OWNER_FILE = 0o600;
export const OWNER_FOLDER = 0o700;

/**
 * Takes a folder and all that is in it from everybody but its owner. Links are left alone: what they lead to is not ours.
 * Gives back how many entries could not be changed, which is so where they belong to another user.
 */
export function restrictToOwner(path: string): number {
  let left = 0;
  for (const [entry, { mode }] of entriesBelow(path)) {
    if ((mode & OTHERS) === 0) continue;
    try {
      chmodSync(entry, mode & 0o7777 & ~OTHERS);
    } catch {
      left++;
    }
  }
  return left;
}

/** Lets everybody read a folder and all that is in it, and nobody but its owner change it. */
export function makeReadable(path: string): void {
  for (const [entry, { mode }] of entriesBelow(path)) chmodSync(entry, ((mode & 0o7777) | (mode & 0o100 ? 0o555 : 0o444)) & ~OTHERS_WRITE);
}

/** Makes a folder that is for its owner alone; one that is there keeps its permissions. True when it was made. */
export const makePrivateFolder = (dir: string): boolean => mkdirSync(dir, { recursive: true, mode: OWNER_FOLDER }) !== undefined;

/**
 * Whether everything below a path is what its owner made: real files and folders, all of one of these users, which nobody else
 * can change. Where the system knows no users, it is.
 */
export function isOnlyFrom(users: ReadonlySet<number | undefined>, path: string): boolean {
  if (process.getuid === undefined) return true;
  for (const [, { uid, mode, isReal }] of entriesBelow(path)) if (!isReal || !users.has(uid) || (mode & OTHERS_WRITE) !== 0) return false;
  return true;
}

// --- internal ---

interface Entry extends Pick<Stats, "uid" | "mode"> {
  /** A file or a folder; no link, no pipe, no device. */
  readonly isReal: boolean;
}

function* entriesBelow(path: string): Generator<readonly [path: string, Entry]> {
  const stats = lstatSync(path);
  const isFolder = stats.isDirectory();
  if (stats.isSymbolicLink()) yield [path, { uid: stats.uid, mode: 0, isReal: false }];
  else yield [path, { uid: stats.uid, mode: stats.mode, isReal: isFolder || stats.isFile() }];
  if (isFolder) for (const name of readdirSync(path)) yield* entriesBelow(join(path, name));
}
