import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import type { Operate } from "../../operating.ts";
import { catalogueLines } from "../../views/experiences.ts";
import { showList } from "../../views/operations.ts";
import { withLookUpsOrFolder } from "../../with-folder.ts";

export async function run({ json, ...on }: Operate, io: Io): Promise<number> {
  const listed = await withLookUpsOrFolder(on, io, undefined, (lookUps) => lookUps.experiences.list({}));
  showList(listed, catalogueLines, "the catalogue is empty", json, io);
  return DONE;
}
