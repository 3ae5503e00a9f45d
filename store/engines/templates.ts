import { accessSync, constants, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Database } from "./database.ts";
import { isOnlyFrom, makeReadable } from "./owner-only.ts";
import { READABLE, startEngine } from "./pglite.ts";

/** How the tables of a new embedded store come about. `fingerprint` names the result: the same one can be used again. */
export interface Preparation {
  readonly fingerprint: string;
  readonly migrate: (database: Database) => Promise<void>;
  readonly cacheDirs: readonly string[];
}

export interface TemplateOptions {
  readonly preparation: Preparation;
  /** Makes a database of an engine, so that it can be migrated. */
  readonly open: (engine: Awaited<ReturnType<typeof startEngine>>) => Promise<Database>;
  /** Told once when a new store has to be prepared first, which takes seconds. */
  readonly onPrepare?: (() => void) | undefined;
}

/** Where prepared data may be kept, the first that can be written to: beside the installed packages, else the temporary folder. */
export function preparedDataDirs(): string[] {
  const installed = folderOfPackages(import.meta.dirname);
  return [
    ...(installed === undefined ? [] : [join(installed, ".cache", "sentient")]),
    join(tmpdir(), `sentient-${process.getuid?.() ?? "cache"}`),
  ];
}

/** What a new store starts from, as one file. */
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

/** The same, unpacked, for stores in folders; undefined where it can be kept nowhere. */
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

/** The nearest `node_modules`: that of a clone, or the one that this package is installed in. */
function folderOfPackages(from: string): string | undefined {
  if (basename(from) === "node_modules") return from;
  const below = join(from, "node_modules");
  if (existsSync(below)) return below;
  return dirname(from) === from ? undefined : folderOfPackages(dirname(from));
}

/**
 * A new store begins from what is kept here, so it is believed only where nobody else could have put or changed it: made by this
 * user, or by the owner of this code, whom this process believes anyway.
 */
function isTrusted(dir: string, kept: string): boolean {
  try {
    return isOwn(dir) && isOnlyFrom(trustedUsers(), kept);
  } catch (error) {
    // What cannot be read, or is gone meanwhile, cannot be used either.
    return unwritable(error);
  }
}

const trustedUsers = (): ReadonlySet<number | undefined> => new Set([process.getuid?.(), statSync(import.meta.filename).uid]);

/** A real folder into which nobody else can put anything. */
function isOwn(dir: string): boolean {
  if (process.getuid === undefined) return true;
  const stats = lstatSync(dir);
  return stats.isDirectory() && trustedUsers().has(stats.uid) && (stats.mode & 0o022) === 0;
}

/** Makes the place where it is not there; false where it cannot be written to, or is not ours. */
function isUsable(dir: string): boolean {
  mkdirSync(dir, { recursive: true, mode: READABLE });
  accessSync(dir, constants.W_OK);
  return isOwn(dir);
}

/** Unpacks beside and renames, so that nobody copies half a folder. Whoever comes second finds the first one's. */
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
  // Small segments of write-ahead log: a new store is copied whole, and most of it would be empty log.
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

/** Writes beside and renames, so that nobody reads half a file; false where the folder cannot be written to. */
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

/** False for a place that cannot be used; any other error is thrown. */
function unwritable(error: unknown): false {
  if (["EACCES", "EROFS", "ENOENT", "ENOTDIR", "EEXIST", "EPERM", "ENOSPC"].includes((error as NodeJS.ErrnoException).code ?? ""))
    return false;
  throw error;
}
