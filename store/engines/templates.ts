import { accessSync, constants, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Database } from "./database.ts";
import { isOnlyFrom, makeReadable } from "./owner-only.ts";
import { READABLE, startEngine } from "./pglite.ts";

/** How the template of a new embedded store is created. `fingerprint` identifies the result, so it can be reused. */
export interface Preparation {
  readonly fingerprint: string;
  readonly migrate: (database: Database) => Promise<void>;
  readonly cacheDirs: readonly string[];
}

export interface TemplateOptions {
  readonly preparation: Preparation;
  /** Wraps an engine as a database, so it can be migrated. */
  readonly open: (engine: Awaited<ReturnType<typeof startEngine>>) => Promise<Database>;
  /** Called once if a new store has to be prepared first, which takes seconds. */
  readonly onPrepare?: (() => void) | undefined;
}

/** Cache folders for templates, in order of preference: beside the installed packages, else the temporary folder. */
export function preparedDataDirs(code: string = import.meta.dirname): string[] {
  const installed = folderOfPackages(code);
  return [
    ...(installed === undefined ? [] : [join(installed, ".cache", "sentient")]),
    join(tmpdir(), `sentient-${process.getuid?.() ?? "cache"}`),
  ];
}

/** The template of a new store, as a tar file. */
export async function templateFile({ preparation, open, onPrepare }: TemplateOptions): Promise<Blob> {
  const file = `template-${preparation.fingerprint}.tar`;
  for (const dir of preparation.cacheDirs) {
    const known = join(dir, file);
    if (existsSync(known) && isTrusted(dir, known)) return new Blob([await readFile(known)]);
  }
  onPrepare?.();
  const bytes = await makeTemplate(preparation, open);
  for (const dir of preparation.cacheDirs) if (keep(dir, file, bytes)) break;
  return new Blob([bytes]);
}

/** The unpacked template, for stores in folders; undefined if no cache folder is writable. */
export async function templateFolder(options: TemplateOptions): Promise<string | undefined> {
  const { cacheDirs, fingerprint } = options.preparation;
  const folderIn = (dir: string): string => join(dir, `template-${fingerprint}`);
  const isKnown = (dir: string): boolean => existsSync(folderIn(dir)) && isTrusted(dir, folderIn(dir));
  const known = cacheDirs.find(isKnown);
  if (known !== undefined) return folderIn(known);
  const data = await templateFile(options);
  for (const dir of cacheDirs) if ((await keepUnpacked(dir, folderIn(dir), data)) && isKnown(dir)) return folderIn(dir);
  return undefined;
}

// --- internal ---

/** The nearest `node_modules`: that of a clone, or the one in which this package is installed. */
function folderOfPackages(from: string): string | undefined {
  if (basename(from) === "node_modules") return from;
  const below = join(from, "node_modules");
  if (existsSync(below)) return below;
  return dirname(from) === from ? undefined : folderOfPackages(dirname(from));
}

/**
 * A new store starts from the cached template, so the cache is trusted only if no other user can write it: it belongs to this user,
 * or to the owner of this code, whom this process trusts anyway.
 */
function isTrusted(dir: string, kept: string): boolean {
  try {
    return isOwn(dir) && isOnlyFrom(trustedUsers(), kept);
  } catch (error) {
    // An unreadable or meanwhile removed template cannot be used.
    return unwritable(error);
  }
}

const trustedUsers = (): ReadonlySet<number | undefined> => new Set([process.getuid?.(), statSync(import.meta.filename).uid]);

/** A real folder to which only a trusted user can write. */
function isOwn(dir: string): boolean {
  if (process.getuid === undefined) return true;
  const stats = lstatSync(dir);
  return stats.isDirectory() && trustedUsers().has(stats.uid) && (stats.mode & 0o022) === 0;
}

/** Creates the folder if missing; false if it is not writable or not trusted. */
function isUsable(dir: string): boolean {
  mkdirSync(dir, { recursive: true, mode: READABLE });
  accessSync(dir, constants.W_OK);
  return isOwn(dir);
}

/** Unpacks into a draft and renames it, so no process copies an incomplete folder. A concurrent second process uses the first one's. */
async function keepUnpacked(dir: string, folder: string, data: Blob): Promise<boolean> {
  const draft = `${folder}.${process.pid}.${process.hrtime.bigint()}`;
  try {
    if (!isUsable(dir)) return false;
    mkdirSync(draft, { mode: READABLE });
  } catch (error) {
    return unwritable(error);
  }
  try {
    await (await startEngine({ dataDir: draft, loadDataDir: data }, READABLE)).close();
    makeReadable(draft);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) return unwritable(error);
  }
  return true;
}

async function makeTemplate({ migrate }: Preparation, open: TemplateOptions["open"]): Promise<Uint8Array<ArrayBuffer>> {
  // Small WAL segments: a new store is a full copy of the template, most of which would be empty log.
  const engine = await startEngine({
    initDbStartParams: ["--wal-segsize=1", "--allow-group-access", "--encoding=UTF8", "--locale=C.UTF-8"],
  });
  const made = await open(engine);
  await migrate(made);
  await engine.exec("checkpoint");
  const dump = await engine.dumpDataDir("none");
  await made.close();
  return new Uint8Array(await dump.arrayBuffer());
}

/** Writes a draft and renames it, so no process reads an incomplete file; false if the folder is not writable. */
function keep(dir: string, file: string, bytes: Uint8Array): boolean {
  const draft = join(dir, `${file}.${process.pid}.${process.hrtime.bigint()}`);
  try {
    if (!isUsable(dir)) return false;
    writeFileSync(draft, bytes, { flag: "wx", mode: 0o644 });
    renameSync(draft, join(dir, file));
    return true;
  } catch (error) {
    rmSync(draft, { force: true });
    return unwritable(error);
  }
}

/** False for a folder that cannot be used; any other error is thrown. */
function unwritable(error: unknown): false {
  if (["EACCES", "EROFS", "ENOENT", "ENOTDIR", "EEXIST", "EPERM", "ENOSPC"].includes((error as NodeJS.ErrnoException).code ?? ""))
    return false;
  throw error;
}
