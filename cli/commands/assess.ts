import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { SentientError } from "../../domain/errors.ts";
import { examineWorkspace, type OwnCode, openKept } from "../../runtime/open-workspace.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { readFolder } from "../../workspace/load.ts";
import { hasSameCode, isCode, unpackFiles } from "../../workspace/versions/version-files.ts";
import { type Common, DONE, workspaceOf } from "../command.ts";
import type { Io } from "../io.ts";
import type { Assessed, ToAssess } from "../proposals/assess-apart.ts";
import { assessFiles } from "../proposals/assess-files.ts";

/** Checks the files of a version that are on standard input, for a server. */
export async function run(where: Pick<Common, "workspace">, io: Io): Promise<number> {
  const given = JSON.parse(await text(io.stdin)) as ToAssess;
  io.out(JSON.stringify(await assessed(given, workspaceOf(where), io)));
  return DONE;
}

// --- internal ---

async function assessed({ files: packed, bundles }: ToAssess, dir: string, io: Io): Promise<Assessed> {
  try {
    const files = unpackFiles(packed);
    const code = bundles ? await openKept(bundles) : await codeInFolder(files, dir, io);
    return { found: await assessFiles(files, { code, dir }, io) };
  } catch (error) {
    if (error instanceof SentientError) return { code: error.code, message: error.message };
    throw error;
  }
}

/** @throws NOT_READY where the folder has other code than the version */
async function codeInFolder(files: WorkspaceFiles, dir: string, io: Io): Promise<OwnCode> {
  if (![...files.keys()].some(isCode)) return { tools: [], channels: [] };
  if (!hasSameCode(readFolder(resolve(dir)).files, files))
    throw new SentientError(
      "NOT_READY",
      `the tools or channels of the version in force are not those of ${dir}, so that nothing can be checked with them; ask a server, or a command, with a folder that has this code`,
    );
  const { tools, channels } = await examineWorkspace(dir, io);
  return { tools, channels };
}
