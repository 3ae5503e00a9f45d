import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

interface Merge extends OperateAndJudge {
  readonly id: string;
  readonly into: string;
}

export async function run({ id, into: other, json, ...on }: Merge, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.customers.merge({ id, into: other }, actor));
  const { customerId, into, changed } = operated.result;
  const said = changed ? `${customerId} is merged into ${into}` : `${customerId} is already merged into ${into}; nothing changed`;
  showOperated(operated, said, json, io);
  return DONE;
}
