import { decodeText } from "../../domain/values/utf8.ts";
import type { WorkspaceFiles } from "../check-files.ts";
import { lineDifference } from "./line-difference.ts";

/** A file in which two versions differ. */
export interface ChangedFile {
  readonly file: string;
  readonly change: "added" | "removed" | "changed";
  /** Hunks of a unified diff; missing where a side is no text. */
  readonly diff?: string;
}

/** The files that `after` adds, removes or changes, by name. */
export function compareFiles(before: WorkspaceFiles, after: WorkspaceFiles): ChangedFile[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((file) => changeOf(file, before.get(file), after.get(file)));
}

// --- internal ---

const NOTHING = Buffer.alloc(0);

function changeOf(file: string, before: Buffer | undefined, after: Buffer | undefined): ChangedFile[] {
  if (before && after?.equals(before)) return [];
  const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const [from, to] = [decodeText(before ?? NOTHING), decodeText(after ?? NOTHING)];
  return [{ file, change, ...(from.ok && to.ok ? { diff: lineDifference(from.text, to.text) } : {}) }];
}
