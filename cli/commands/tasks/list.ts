import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withOperations } from "../../operating.ts";
import { showList, taskLines } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

interface List extends Operate, Listing {
  readonly queue: string | undefined;
  readonly all: boolean;
}

export async function run({ queue, customer, limit, all, json, ...on }: List, io: Io): Promise<number> {
  const tasks = await withOperations(on, io, (operations) => operations.tasks.list({ ...pageOf({ customer, limit }), all, queue }));
  const none = await whyEmpty(tasks, { customer }, "no tasks; --all also shows done, expired and withdrawn ones", on, io);
  showList(tasks, taskLines, none, json, io, limit);
  return DONE;
}
