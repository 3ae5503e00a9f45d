import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withCanaries } from "../../versions.ts";
import { showList } from "../../views/operations.ts";
import { canaryLines } from "../../views/versions.ts";

export async function run({ json, ...on }: OnStore & Pick<Common, "json">, io: Io): Promise<number> {
  const found = await withCanaries(on, io, (canaries) => canaries.list());
  showList(found, canaryLines, "no experience of the version in force is a canary", json, io, Number.POSITIVE_INFINITY);
  return DONE;
}
