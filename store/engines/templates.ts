import { accessSync, constants, existsSync, lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Database } from "./database.ts";
import type { Image } from "./image.ts";
import { isOnlyFrom } from "./owner-only.ts";
import { startEngine } from "./pglite.ts";

/** Raised when templates are made in another way, so that none made before is used. */
export const LAYOUT = 2;

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

/** The template of a new store, as the bytes of a tar file, which the caller may change. */
export async function templateFile({ preparation, open, onPrepare }: TemplateOptions): Promise<Image> {
  const file = `template-${preparation.fingerprint}.tar`;
  for (const dir of preparation.cacheDirs) {
    const known = join(dir, file);
    if (existsSync(known) && isTrusted(dir, known)) return readFile(known);
  }
  onPrepare?.();
  const bytes = await makeTemplate(preparation, open);
  for (const dir of preparation.cacheDirs) if (keep(dir, file, bytes)) break;
  return bytes;
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
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  accessSync(dir, constants.W_OK);
  return isOwn(dir);
}

async function makeTemplate({ migrate }: Preparation, open: TemplateOptions["open"]): Promise<Image> {
  let image: Image | undefined;
  const engine = await startEngine({
    initDbStartParams: ["--wal-segsize=1", "--allow-group-access", "--encoding=UTF8", "--locale=C.UTF-8"],
    // A new store is a full copy of the template: little log in small segments, and no other database than ours.
    settings: { min_wal_size: "2MB", max_wal_size: "2MB" },
    onClosed: (bytes) => {
      image = bytes;
    },
  });
  const made = await open(engine);
  await migrate(made);
  await engine.exec("update pg_database set datistemplate = false");
  for (const { datname } of (await engine.query<{ datname: string }>(OTHER_DATABASES)).rows) await engine.exec(`drop database ${datname}`);
  await engine.exec("checkpoint");
  await made.close();
  if (!image) throw new Error("the engine was closed without its data");
  return image;
}

const OTHER_DATABASES = "select quote_ident(datname) as datname from pg_database where datname <> current_database()";

/** Writes a draft and renames it, so no process reads an incomplete file; false if the folder is not writable. */
function keep(dir: string, file: string, bytes: Image): boolean {
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
