import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

interface Close extends OperateAndJudge {
  readonly customer: string;
  readonly id: string;
}

export async function run({ customer, id, json, ...on }: Close, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.cases.close({ id, customerId: customer }, actor));
  showOperated(operated, `case ${operated.result.caseId} of ${operated.result.customerId} is closed`, json, io);
  return DONE;
}
