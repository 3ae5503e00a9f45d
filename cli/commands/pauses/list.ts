import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withOperations } from "../../operating.ts";
import { pauseLines, showList } from "../../views/operations.ts";

export async function run({ json, ...on }: Operate, io: Io): Promise<number> {
  const pauses = await withOperations(on, io, (operations) => operations.pauses.list({}));
  showList(pauses, pauseLines, "nothing is paused", json, io);
  return DONE;
}
