import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { promiseLines, showList } from "../../views/operations.ts";

export async function run({ customer, limit, all, json, ...on }: Operate & Listing & { readonly all: boolean }, io: Io): Promise<number> {
  const promises = await withOperations(on, io, (operations) => operations.promises.list({ ...pageOf({ customer, limit }), all }));
  showList(promises, promiseLines, "no promises are open; --all also shows kept ones", json, io);
  return DONE;
}
