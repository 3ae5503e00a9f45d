import { type Acting, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withOperations } from "../../operating.ts";
import { showSettledDead } from "../../views/operations.ts";

interface Chosen extends Operate, Acting {
  readonly ids: readonly string[];
  readonly code: string | undefined;
  readonly all: boolean;
}

export async function run({ ids, code, all, json, ...on }: Chosen, io: Io): Promise<number> {
  const result = await withOperations(on, io, (operations, actor) => operations.dead.discard({ ids, code, all }, actor));
  showSettledDead(result, result.discarded, "discarded", json, io);
  return DONE;
}
