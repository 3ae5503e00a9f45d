import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { promiseLines, showList } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

export async function run({ customer, limit, all, json, ...on }: Operate & Listing & { readonly all: boolean }, io: Io): Promise<number> {
  const promises = await withOperations(on, io, (operations) => operations.promises.list({ ...pageOf({ customer, limit }), all }));
  const none = await whyEmpty(promises, { customer }, "no promises are open; --all also shows kept ones", on, io);
  showList(promises, promiseLines, none, json, io, limit);
  return DONE;
}
