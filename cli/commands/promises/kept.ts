import { type Command, DONE } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { shortId, showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const operated = await operateAndJudge(args, io, (operations, actor) => operations.promises.kept(id, actor));
    const { promiseId, name, customerId, changed, endedBy } = operated.result;
    const sentence = `${shortId(promiseId)} ${changed ? "is" : "was already"} kept (${endedBy}): ${name} for ${customerId}`;
    showOperated(operated, sentence, args.options.json === true, io);
    return DONE;
  },
};
