import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export async function run({ id, json, ...on }: OperateAndJudge & { readonly id: string }, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.approvals.reject({ id }, actor));
  const { approvalId, experienceId, customerId, changed, answeredBy } = operated.result;
  const sentence = `${shortId(approvalId)} ${changed ? "is" : "was already"} rejected by ${answeredBy}: ${experienceId} for ${customerId}`;
  showOperated(operated, sentence, json, io);
  return DONE;
}
