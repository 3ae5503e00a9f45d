import { type Command, DONE } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const operated = await operateAndJudge(args, io, (operations, actor) => operations.customers.split(id, actor));
    const { customerId, from } = operated.result;
    showOperated(operated, `${customerId} stands for herself again, apart from ${from}`, args.options.json === true, io);
    return DONE;
  },
};
