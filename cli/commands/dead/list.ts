import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { deadLines, showList } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

interface List extends Operate, Listing {
  readonly code: string | undefined;
}

export async function run({ customer, limit, code, json, ...on }: List, io: Io): Promise<number> {
  const dead = await withOperations(on, io, (operations) => operations.dead.list({ ...pageOf({ customer, limit }), code }));
  const none = await whyEmpty(dead, { customer }, "no dead letters", on, io);
  showList(dead, deadLines, none, json, io, limit);
  return DONE;
}
