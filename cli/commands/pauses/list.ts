import { type Command, DONE } from "../../command.ts";
import { withOperations } from "../../operating.ts";
import { pauseLines, showList } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const pauses = await withOperations(args, io, (operations) => operations.pauses.list());
    showList(pauses, pauseLines, "nothing is paused", args.options.json === true, io);
    return DONE;
  },
};
