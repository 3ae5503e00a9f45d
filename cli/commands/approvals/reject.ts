import { type Command, DONE } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const operated = await operateAndJudge(args, io, (operations, actor) => operations.approvals.reject(id, actor));
    const { approvalId, experienceId, customerId, changed, answeredBy } = operated.result;
    const sentence = `${shortId(approvalId)} ${changed ? "is" : "was already"} rejected by ${answeredBy}: ${experienceId} for ${customerId}`;
    showOperated(operated, sentence, args.options.json === true, io);
    return DONE;
  },
};
