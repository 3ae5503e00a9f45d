import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type OperateAndJudge, operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

interface Done extends OperateAndJudge {
  readonly id: string;
  readonly contacted: boolean;
  readonly kind: "call" | "chat" | "visit" | undefined;
}

export async function run({ id, contacted, kind, json, ...on }: Done, io: Io): Promise<number> {
  // A kind implies a contact; a contact without a kind is a call.
  const contact = kind ?? (contacted ? "call" : undefined);
  const operated = await operateAndJudge(on, io, (operations, actor) => operations.tasks.done({ id, contacted: contact }, actor));
  const { result } = operated;
  const how = result.contacted ? ", the customer was contacted" : "";
  const sentence = `${shortId(result.taskId)} ${result.changed ? "is" : "was already"} done by ${result.endedBy}${how}: ${result.summary}`;
  showOperated(operated, sentence, json, io);
  return DONE;
}
