import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

interface Lift extends OperateAndJudge {
  readonly id: string;
  readonly address: string | undefined;
}

export async function run({ id, address, json, ...on }: Lift, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.customers.lift({ id, address }, actor));
  const { customerId, lifted, changed } = operated.result;
  const said = changed
    ? `${customerId} can be reached again at ${lifted.map(({ value, reason }) => `${value} (${reason})`).join(", ")}`
    : `${customerId} has no such undeliverable address; nothing changed`;
  showOperated(operated, said, json, io);
  return DONE;
}
