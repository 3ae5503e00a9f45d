import type { Acting } from "../command.ts";
import { DONE } from "../command.ts";
import type { Io } from "../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../operating.ts";
import { showOperated } from "../views/operations.ts";

interface TouchCustomer extends OperateAndJudge, Acting {
  readonly customer: string;
  readonly kind: "visit" | "call" | "chat";
  readonly department: string | undefined;
  readonly key: string | undefined;
}

export async function run({ customer: id, kind, department, key, json, ...on }: TouchCustomer, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.customers.touch({ id, kind, department, key }, actor));
  const { customerId, by, changed } = operated.result;
  const what = `a ${kind} of ${customerId}`;
  showOperated(operated, changed ? `${what} is recorded by ${by}` : `${what} was recorded before; nothing changed`, json, io);
  return DONE;
}
