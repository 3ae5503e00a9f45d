import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { auditLines, showList } from "../../views/operations.ts";

export async function run({ customer, limit, json, ...on }: Operate & Listing, io: Io): Promise<number> {
  const entries = await withOperations(on, io, (operations) => operations.audit.list(pageOf({ customer, limit })));
  showList(entries, auditLines, "no operator has changed anything yet", json, io);
  return DONE;
}
