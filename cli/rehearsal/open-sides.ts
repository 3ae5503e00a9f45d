import { statSync } from "node:fs";
import type { ReplacedByCanaries } from "../../domain/entities/canary.ts";
import { SentientError } from "../../domain/errors.ts";
import { type OpenWorkspace, openVersion, openWorkspace } from "../../runtime/open-workspace.ts";
import type { OpenedStore } from "../../runtime/opened-store.ts";
import { filesOfSide } from "../../runtime/rehearsing/side-files.ts";
import type { Side } from "../../runtime/rehearsing/source.ts";
import type { Io } from "../io.ts";
import type { KeptCode } from "../proposals/assess-apart.ts";

/** One of both policies, and how it is named to people. */
export interface OpenSide {
  readonly opened: OpenWorkspace;
  readonly name: string;
  /** What stays beside the canaries of a version; of a folder nothing does. */
  readonly replaced?: ReplacedByCanaries;
  /** The code that was kept with a version, where that is run. */
  readonly bundles?: KeptCode;
}

/** A side as it is rehearsed. */
export function sideOf({ opened: { workspace, tools }, replaced = {}, bundles }: OpenSide, { environment }: Pick<Io, "environment">): Side {
  const { policy, files, dir } = workspace;
  const code = bundles ? { bundles } : { dir };
  return { policy, tools, files: { policyVersion: policy.version, files: filesOfSide(files), replaced, code, environment } };
}

/**
 * The policy that a folder is compared with: what `--against` names, a folder or a version of the store; without it the version in force, and
 * without one the folder itself.
 *
 * @throws `BAD_INPUT` where it is neither, or a version is named and there is no store; `NOT_FOUND` for a version that is not kept
 */
export async function openAgainst(asked: string | undefined, dir: OpenSide, store: OpenedStore | undefined, io: Io): Promise<OpenSide> {
  if (asked !== undefined && isFolder(asked)) return { opened: await openWorkspace(asked, io), name: asked };
  if (asked !== undefined && !A_VERSION.test(asked))
    throw new SentientError("BAD_INPUT", `--against ${asked}: expected a folder, or a version of the store (npx sentient versions list)`);
  if (asked !== undefined && !store)
    throw new SentientError(
      "BAD_INPUT",
      `--against ${asked}: there is no folder of this name, and no store with versions is given (--data DIR)`,
    );
  const whole = asked === undefined ? undefined : await versionNamed(asked, store);
  const kept = await store?.version(whole);
  if (kept === undefined) return asked === undefined ? dir : gone(asked);
  const opened = await openVersion(kept, dir.opened.workspace.dir, io);
  return { opened, replaced: kept.replaced, name: `version ${kept.policyVersion.slice(0, 12)}${asked === undefined ? " (in force)" : ""}` };
}

// --- internal ---

const A_VERSION = /^[0-9a-f]{8,64}$/;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

async function versionNamed(asked: string, store: OpenedStore | undefined): Promise<string | undefined> {
  const unread = (): never => {
    throw new SentientError("BAD_INPUT", "a rehearsal publishes nothing");
  };
  const found = await store?.versions({ compile: unread }).show({ id: asked });
  return found?.policyVersion;
}

function gone(asked: string): never {
  throw new SentientError("NOT_FOUND", `--against ${asked}: the files of this version are not kept any more (npx sentient versions list)`);
}
