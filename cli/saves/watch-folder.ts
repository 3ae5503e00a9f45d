import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { FOLDERS } from "../../workspace/versions/version-files.ts";

/** Finds out when the files of a workspace were saved. */
export interface FolderWatch {
  /** Looks once; calls `onSaved` where something has changed since the last call, and has been still since the last look. */
  look(): Promise<void>;
}

/**
 * Compares the files of a workspace by name, size and time. They are looked at instead of listened to: editors save by renaming, folders come and
 * go, and what a mounted folder reports differs from system to system. A workspace has few enough files for that.
 */
export function createFolderWatch(dir: string, onSaved: () => Promise<void>): FolderWatch {
  let handled = signatureOf(dir);
  let last = handled;
  return {
    async look() {
      const now = signatureOf(dir);
      const isStill = now === last;
      last = now;
      if (!isStill || now === handled) return;
      handled = now;
      await onSaved();
    },
  };
}

// --- internal ---

const signatureOf = (dir: string): string => ["sentient.yaml", ...FOLDERS].flatMap((name) => signed(join(dir, name))).join("\n");

function signed(path: string): string[] {
  // What is renamed meanwhile is missing for this look only.
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found ? [`${path} ${found.size} ${found.mtimeMs} ${found.ino}`] : [];
  return namesIn(path)
    .filter((name) => !name.startsWith(".") && name !== "node_modules")
    .flatMap((name) => signed(join(path, name)));
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
