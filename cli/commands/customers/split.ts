import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

export async function run({ id, json, ...on }: OperateAndJudge & { readonly id: string }, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.customers.split({ id }, actor));
  const { customerId, from } = operated.result;
  showOperated(operated, `${customerId} is separate again from ${from}`, json, io);
  return DONE;
}
