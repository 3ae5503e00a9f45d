import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SentientError } from "../domain/errors.ts";

/** Keys of a server on this machine, for commands of the same user. */
export interface LocalKeys {
  readonly writeKey: string;
  readonly operatorKey: string;
}

/**
 * The keys in a data folder; created when missing. Only their owner can read them. `onWarning` reports keys that other users
 * could read until now.
 */
export function makeKeys(dataDir: string, onWarning: (text: string) => void): LocalKeys {
  const path = join(dataDir, FILE);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile())
    throw new SentientError(
      "BAD_CONFIG",
      `${path} is a link or not a regular file, and keys are only written to a regular file; move it away`,
    );
  const known = readKeys(dataDir);
  if (known) {
    if (stats && (stats.mode & 0o077) !== 0) shut(path, onWarning);
    return known;
  }
  const keys = { writeKey: newKey("write"), operatorKey: newKey("operator") };
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (stats) keepAside(path, onWarning);
  // An unpredictable name, so that no link can be planted there.
  const draft = `${path}.${randomBytes(8).toString("hex")}`;
  writeFileSync(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(draft, path);
  return keys;
}

/** The keys in a data folder, if any. A link is not followed: its target may be another user's file. */
export function readKeys(dataDir: string): LocalKeys | undefined {
  const path = join(dataDir, FILE);
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    return Keys.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Truncated, or not ours: new ones are made.
    return undefined;
  }
}

// --- internal ---

const FILE = "keys.json";

const Key = z.string().min(16);
const Keys = z.object({ writeKey: Key, operatorKey: Key }).refine(({ writeKey, operatorKey }) => writeKey !== operatorKey);

const newKey = (kind: string): string => `${kind}_${randomBytes(24).toString("base64url")}`;

/** An unreadable file may still be of use to its owner. */
function keepAside(path: string, onWarning: (text: string) => void): void {
  const aside = `${path}.broken-${randomBytes(4).toString("hex")}`;
  renameSync(path, aside);
  onWarning(`${path} held no two keys of 16 characters or more; new ones were made, and it was kept as ${aside}`);
}

function shut(path: string, onWarning: (text: string) => void): void {
  try {
    chmodSync(path, 0o600);
    onWarning(`other users of this machine could read ${path} until now; remove it to get new keys at the next start`);
  } catch {
    onWarning(`other users of this machine can read ${path}, and only its owner can change that: chmod 600 ${path}`);
  }
}
