import { unpackFiles } from "../../../workspace/versions/version-files.ts";
import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { markFolder, withVersions, writeVersion } from "../../versions.ts";

interface Write extends OnStore, Pick<Common, "json"> {
  readonly version: string;
  readonly dir: string;
}

/** Writes the files of a version into a folder, from which it can be changed and published. */
export async function run({ version, dir, json, ...on }: Write, io: Io): Promise<number> {
  const { policyVersion, written } = await withVersions(on, io, async (versions) => {
    const found = await versions.files({ id: version });
    const files = unpackFiles(found.files);
    await writeVersion(files, dir, versions);
    return { policyVersion: found.policyVersion, written: [...files.keys()] };
  });
  markFolder(dir, policyVersion, io);
  if (json) io.out(JSON.stringify({ policyVersion, dir, files: written }));
  else io.out(`${written.length} files of ${policyVersion.slice(0, 12)} are in ${dir}`);
  return DONE;
}
