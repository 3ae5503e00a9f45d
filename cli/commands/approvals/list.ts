import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { approvalLines, showList } from "../../views/operations.ts";

export async function run({ customer, limit, all, json, ...on }: Operate & Listing & { readonly all: boolean }, io: Io): Promise<number> {
  const approvals = await withOperations(on, io, (operations) => operations.approvals.list({ ...pageOf({ customer, limit }), all }));
  showList(approvals, approvalLines, "no approvals are pending; --all also shows answered ones", json, io);
  return DONE;
}
