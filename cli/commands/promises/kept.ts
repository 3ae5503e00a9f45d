import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export async function run({ id, json, ...on }: OperateAndJudge & { readonly id: string }, io: Io): Promise<number> {
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.promises.kept({ id }, actor));
  const { promiseId, name, customerId, changed, endedBy } = operated.result;
  const sentence = `${shortId(promiseId)} ${changed ? "is" : "was already"} kept (${endedBy}): ${name} for ${customerId}`;
  showOperated(operated, sentence, json, io);
  return DONE;
}
