import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { caseLines, showList } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

export async function run({ customer, limit, all, json, ...on }: Operate & Listing & { readonly all: boolean }, io: Io): Promise<number> {
  const cases = await withOperations(on, io, (operations) => operations.cases.list({ ...pageOf({ customer, limit }), all }));
  const none = await whyEmpty(cases, { customer }, "no cases are open; --all also shows closed ones", on, io);
  showList(cases, caseLines, none, json, io, limit);
  return DONE;
}
