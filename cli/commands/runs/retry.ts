import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

interface Retry extends OperateAndJudge {
  readonly id: string;
  readonly force: boolean;
}

export async function run({ id, force, json, ...on }: Retry, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.runs.retry({ id, force }, actor));
  const { runId, moments, customerId } = operated.result;
  const sentence = `${shortId(runId)}: ${moments.join(", ")} of ${customerId} ${moments.length === 1 ? "is" : "are"} open again and judged anew`;
  showOperated(operated, sentence, json, io);
  return DONE;
}
