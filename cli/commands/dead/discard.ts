import { type Acting, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type DeadChosen, deadSelectionOf, type Operate, withOperations } from "../../operating.ts";
import { showSettledDead } from "../../views/operations.ts";

export async function run({ ids, code, all, json, ...on }: Operate & Acting & DeadChosen, io: Io): Promise<number> {
  const selection = deadSelectionOf({ ids, code, all });
  const result = await withOperations(on, io, (operations, actor) => operations.dead.discard(selection, actor));
  showSettledDead(result, result.discarded, "discarded", json, io);
  return DONE;
}
