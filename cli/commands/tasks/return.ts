import { type Acting, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

interface Return extends Operate, Acting {
  readonly id: string;
}

export async function run({ id, json, ...on }: Return, io: Io): Promise<number> {
  const operated = await operateAndJudge({ ...on, live: false }, io, (operations, actor) => operations.tasks.return({ id }, actor));
  const { taskId, state, queue, changed, summary } = operated.result;
  const now = state === "open" ? `in the queue ${queue}` : state;
  const sentence = `${shortId(taskId)} ${changed ? "is" : "was already"} ${now}: ${summary}`;
  showOperated(operated, sentence, json, io);
  return DONE;
}
