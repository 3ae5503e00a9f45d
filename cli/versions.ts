import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { SentientError } from "../domain/errors.ts";
import type { CanaryOperations } from "../operations/canaries/canaries.ts";
import type { Actor } from "../operations/operation.ts";
import type { VersionDeps, VersionOperations } from "../operations/versions/versions.ts";
import { compilingWith } from "../runtime/open-workspace.ts";
import type { OpenedStore } from "../runtime/opened-store.ts";
import { versionOf, type WorkspaceFiles } from "../workspace/check-files.ts";
import { readFolder } from "../workspace/load.ts";
import { problemsError } from "../workspace/problem.ts";
import { compareFiles } from "../workspace/versions/compare-files.ts";
import { unpackFiles } from "../workspace/versions/version-files.ts";
import type { Acting, OnStore } from "./command.ts";
import type { Io } from "./io.ts";
import { actorOf, serverFor } from "./operating.ts";
import { remoteCanaries, remoteVersions } from "./remote.ts";
import type { ServerClient } from "./server-client.ts";
import { withStore, workspaceOfStore } from "./with-store.ts";

/** Where an operation is done. */
export type StoreOrServer = { readonly store: OpenedStore } | { readonly server: ServerClient };

type Versions = VersionOperations["versions"];
type Canaries = CanaryOperations["canaries"];

/**
 * Runs an operation on versions, on the server that is given or owns the store, otherwise on the store itself.
 *
 * @param code how files are checked and their code is bundled, where they are published on the store itself
 */
export function withVersions<Result>(
  args: OnStore & Partial<Acting>,
  io: Io,
  work: (versions: Versions, actor: Actor, at: StoreOrServer) => Promise<Result>,
  code: Pick<VersionDeps, "compile" | "bundle"> = { compile: nothingToCheck },
): Promise<Result> {
  const actor = actorOf(args, io);
  const server = serverFor(args, io);
  if (server) return work(remoteVersions(server, io.warn).versions, actor, { server });
  return withStore(args, io, (store) => work(store.versions(code), actor, { store }));
}

/** The same for canaries; approving one publishes, with the code of the workspace. */
export function withCanaries<Result>(
  args: OnStore & Partial<Acting>,
  io: Io,
  work: (canaries: Canaries, actor: Actor) => Promise<Result>,
): Promise<Result> {
  const actor = actorOf(args, io);
  const server = serverFor(args, io);
  if (server) return work(remoteCanaries(server, io.warn).canaries, actor);
  return withStore(args, io, async (store) => {
    const { opened, policy } = await workspaceOfStore(args, io, store);
    return work(store.canaries(policy, { compile: compilingWith(opened, io) }), actor);
  });
}

/** Where the files of a folder come from, as publications name it. */
export const sourceOf = (dir: string): string => `${hostname()}:${resolve(dir)}`;

/** The version that a folder was last published as or written from; undefined where neither has happened. */
export function versionOfFolder(dir: string): string | undefined {
  const file = join(dir, MARK);
  const text = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** Notes in a folder which version it is; a folder that cannot be written is only warned of. */
export function markFolder(dir: string, policyVersion: string, { warn }: Pick<Io, "warn">): void {
  try {
    writeFileSync(join(dir, MARK), `${policyVersion}\n`);
  } catch (error) {
    warn(
      `${join(dir, MARK)} cannot be written (${(error as NodeJS.ErrnoException).code}): the next publish needs --over ${policyVersion.slice(0, 12)}`,
    );
  }
}

/**
 * Writes the files of a version into a folder: an empty one, or one whose files are all those of a kept version, so that nothing is lost.
 * What else is in the folder stays.
 */
export async function writeVersion(files: WorkspaceFiles, dir: string, versions: Pick<Versions, "files">): Promise<void> {
  const present = existsSync(dir) ? readFolder(dir) : { files: new Map<string, Buffer>(), problems: [] };
  if (present.problems.length > 0) throw problemsError(present.problems);
  if (present.files.size > 0) await refuseUnkept(present.files, dir, versions);
  for (const file of present.files.keys()) if (!files.has(file)) rmSync(join(dir, file));
  for (const [file, bytes] of files) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), bytes);
  }
}

// --- internal ---

const nothingToCheck: VersionDeps["compile"] = () => {
  throw new SentientError("BAD_INPUT", "no files to check");
};

/** Hidden, so that it is no file of the workspace. */
const MARK = ".sentient-version";

async function refuseUnkept(files: WorkspaceFiles, dir: string, versions: Pick<Versions, "files">): Promise<void> {
  const kept = await versions.files({ id: versionOf(files) }).then(
    (found) => unpackFiles(found.files),
    () => undefined,
  );
  if (kept !== undefined && compareFiles(kept, files).length === 0) return;
  throw new SentientError(
    "BAD_INPUT",
    `${dir} has files of a workspace that no version of the store has; name another folder, or publish them first`,
  );
}
