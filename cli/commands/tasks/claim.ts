import { type Acting, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

interface Claim extends Operate, Acting {
  readonly id: string;
  readonly takeOver: boolean;
}

export async function run({ id, takeOver, json, ...on }: Claim, io: Io): Promise<number> {
  const operated = await operateAndJudge({ ...on, live: false }, io, (operations, actor) =>
    operations.tasks.claim({ id, takeOver }, actor),
  );
  const { taskId, claimedBy, changed, summary } = operated.result;
  const sentence = `${shortId(taskId)} ${changed ? "is" : "was already"} claimed by ${claimedBy}: ${summary}`;
  showOperated(operated, sentence, json, io);
  return DONE;
}
