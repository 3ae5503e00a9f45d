import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { approvalLines, showList } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

export async function run({ customer, limit, all, json, ...on }: Operate & Listing & { readonly all: boolean }, io: Io): Promise<number> {
  const approvals = await withOperations(on, io, (operations) => operations.approvals.list({ ...pageOf({ customer, limit }), all }));
  const none = await whyEmpty(approvals, { customer }, "no approvals are pending; --all also shows answered ones", on, io);
  showList(approvals, approvalLines, none, json, io, limit);
  return DONE;
}
