import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Keys of a server on this machine, for commands of the same user. */
export interface LocalKeys {
  readonly writeKey: string;
  readonly operatorKey: string;
}

/** The keys beside the data of a folder; made when there are none. Nobody but their owner can read them. */
export function makeKeys(dataDir: string): LocalKeys {
  const known = readKeys(dataDir);
  if (known) return known;
  const keys = { writeKey: newKey("write"), operatorKey: newKey("operator") };
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, FILE), `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

/** The keys beside the data of a folder, if there are any. */
export function readKeys(dataDir: string): LocalKeys | undefined {
  const path = join(dataDir, FILE);
  if (!existsSync(path)) return undefined;
  try {
    return Keys.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Cut off while it was written, or somebody else's: new ones are made.
    return undefined;
  }
}

// --- internal ---

const FILE = "keys.json";

const Keys = z.object({ writeKey: z.string().min(1), operatorKey: z.string().min(1) });

const newKey = (kind: string): string => `${kind}_${randomBytes(24).toString("base64url")}`;
