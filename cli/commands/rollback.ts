import { type Acting, type Common, DONE, type OnStore } from "../command.ts";
import type { Io } from "../io.ts";
import { withVersions } from "../versions.ts";
import { showPublished } from "../views/versions.ts";

interface RollBack extends OnStore, Acting, Pick<Common, "json"> {
  readonly version: string;
}

/** Puts a version in force again. */
export async function run({ version, json, ...on }: RollBack, io: Io): Promise<number> {
  showPublished(await withVersions(on, io, (versions, actor) => versions.restore({ id: version }, actor)), {}, json, io);
  return DONE;
}
