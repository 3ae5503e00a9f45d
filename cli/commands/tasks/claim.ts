import { type Command, DONE } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const takeOver = args.options["take-over"] === true;
    const operated = await operateAndJudge(args, io, (operations, actor) => operations.tasks.claim(id, actor, { takeOver }));
    const { taskId, claimedBy, changed, summary } = operated.result;
    const sentence = `${shortId(taskId)} ${changed ? "is" : "was already"} claimed by ${claimedBy}: ${summary}`;
    showOperated(operated, sentence, args.options.json === true, io);
    return DONE;
  },
};
