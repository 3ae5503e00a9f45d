import { SentientError } from "../../../domain/errors.ts";
import { compareFiles } from "../../../workspace/versions/compare-files.ts";
import { unpackFiles } from "../../../workspace/versions/version-files.ts";
import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withVersions } from "../../versions.ts";
import { changedLines } from "../../views/versions.ts";

interface Diff extends OnStore, Pick<Common, "json"> {
  readonly a: string;
  readonly b: string | undefined;
}

/** What version B, or the one in force, has otherwise than A. */
export async function run({ a, b, json, ...on }: Diff, io: Io): Promise<number> {
  const [before, after] = await withVersions(on, io, async (versions) => {
    const of = async (id: string) => unpackFiles((await versions.show({ id })).files);
    return [await of(a), await of(b ?? (await inForce(versions)))];
  });
  const changes = compareFiles(before, after);
  if (json) io.out(JSON.stringify(changes));
  else for (const line of changedLines(changes, io.paint)) io.out(line);
  if (changes.length === 0) io.note("they have the same files");
  return DONE;
}

// --- internal ---

async function inForce(versions: Parameters<Parameters<typeof withVersions>[2]>[0]): Promise<string> {
  const [last] = (await versions.list({ limit: 1_000 })).filter((one) => one.inForce);
  if (!last) throw new SentientError("NOT_FOUND", "no version is in force; name the one to compare with");
  return last.policyVersion;
}
