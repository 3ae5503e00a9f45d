import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withVersions } from "../../versions.ts";
import { showList } from "../../views/operations.ts";
import { versionLines } from "../../views/versions.ts";

export async function run({ limit, json, ...on }: OnStore & Pick<Common, "json"> & { readonly limit: number }, io: Io): Promise<number> {
  const found = await withVersions(on, io, (versions) => versions.list({ limit }));
  showList(found, versionLines, "no version has been published", json, io, limit);
  return DONE;
}
