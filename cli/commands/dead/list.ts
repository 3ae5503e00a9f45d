import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { deadLines, showList } from "../../views/operations.ts";

interface List extends Operate, Listing {
  readonly code: string | undefined;
}

export async function run({ customer, limit, code, json, ...on }: List, io: Io): Promise<number> {
  const dead = await withOperations(on, io, (operations) => operations.dead.list({ ...pageOf({ customer, limit }), code }));
  showList(dead, deadLines, "no dead letters", json, io);
  return DONE;
}
