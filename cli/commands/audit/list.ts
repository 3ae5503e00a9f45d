import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { auditLines, showList } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

export async function run({ customer, limit, json, ...on }: Operate & Listing, io: Io): Promise<number> {
  const entries = await withOperations(on, io, (operations) => operations.audit.list(pageOf({ customer, limit })));
  const none = await whyEmpty(entries, { customer }, "no operator has changed anything yet", on, io);
  showList(entries, auditLines, none, json, io, limit);
  return DONE;
}
