import { type Command, DONE, text } from "../../command.ts";
import { selectionOf, withOperations } from "../../operating.ts";
import { deadLines, showList } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const { limit, customerId } = selectionOf(args);
    const code = text(args.options.code);
    const dead = await withOperations(args, io, (operations) =>
      operations.dead.list({ limit, ...(customerId === undefined ? {} : { customerId }), ...(code === undefined ? {} : { code }) }),
    );
    showList(dead, deadLines, "no dead letters: nothing was given up", args.options.json === true, io);
    return DONE;
  },
};
