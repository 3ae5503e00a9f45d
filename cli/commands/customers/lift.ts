import { type Command, DONE, text } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const address = text(args.options.address);
    const operated = await operateAndJudge(args, io, (operations, actor) =>
      operations.customers.lift(id, actor, address === undefined ? {} : { address }),
    );
    const { customerId, lifted, changed } = operated.result;
    const said = changed
      ? `${customerId} is written to again at ${lifted.map(({ value, reason }) => `${value} (${reason})`).join(", ")}`
      : `no such address of ${customerId} was given up; nothing changed`;
    showOperated(operated, said, args.options.json === true, io);
    return DONE;
  },
};
