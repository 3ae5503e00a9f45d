import { chmodSync, lstatSync, mkdirSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";

/** Permission bits of group and others. */
const OTHERS = 0o077;
/** Write bits of group and others. */
const OTHERS_WRITE = 0o022;

export const OWNER_FILE = 0o600;
export const OWNER_FOLDER = 0o700;

/**
 * Removes all permissions of group and others from a folder and its contents. Symbolic links are skipped: their targets are not ours.
 * Returns how many entries could not be changed, because they belong to another user.
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

/** Creates an owner-only folder; an existing one keeps its permissions. True if it was created. */
export const makePrivateFolder = (dir: string): boolean => mkdirSync(dir, { recursive: true, mode: OWNER_FOLDER }) !== undefined;

/**
 * Whether everything below a path is trustworthy: regular files and folders only, owned by one of these users and writable for their
 * owner only. Always true on a system without user ids.
 */
export function isOnlyFrom(users: ReadonlySet<number | undefined>, path: string): boolean {
  if (process.getuid === undefined) return true;
  for (const [, { uid, mode, isReal }] of entriesBelow(path)) if (!isReal || !users.has(uid) || (mode & OTHERS_WRITE) !== 0) return false;
  return true;
}

// --- internal ---

interface Entry extends Pick<Stats, "uid" | "mode"> {
  /** A regular file or a folder; no link, pipe or device. */
  readonly isReal: boolean;
}

function* entriesBelow(path: string): Generator<readonly [path: string, Entry]> {
  const stats = lstatSync(path);
  const isFolder = stats.isDirectory();
  if (stats.isSymbolicLink()) yield [path, { uid: stats.uid, mode: 0, isReal: false }];
  else yield [path, { uid: stats.uid, mode: stats.mode, isReal: isFolder || stats.isFile() }];
  if (isFolder) for (const name of readdirSync(path)) yield* entriesBelow(join(path, name));
}
