import { SentientError } from "../../../domain/errors.ts";
import { type Command, DONE, text } from "../../command.ts";
import { operateAndJudge } from "../../operating.ts";
import { showOperated } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const other = text(args.options.into);
    if (other === undefined) throw new SentientError("BAD_INPUT", "customers merge needs --into ID");
    const operated = await operateAndJudge(args, io, (operations, actor) => operations.customers.merge(id, other, actor));
    const { customerId, into, changed } = operated.result;
    const said = changed ? `${customerId} has disappeared into ${into}` : `${customerId} is ${into} already; nothing changed`;
    showOperated(operated, said, args.options.json === true, io);
    return DONE;
  },
};
