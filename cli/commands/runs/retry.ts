import { type Command, DONE } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const force = args.options.force === true;
    const operated = await operateAndJudge(args, io, (operations, actor) => operations.runs.retry(id, actor, { force }));
    const { runId, moments, customerId } = operated.result;
    const sentence = `${shortId(runId)}: ${moments.join(", ")} of ${customerId} ${moments.length === 1 ? "is" : "are"} open again and judged anew`;
    showOperated(operated, sentence, args.options.json === true, io);
    return DONE;
  },
};
