import { type Command, DONE, text } from "../../command.ts";
import { selectionOf, withOperations } from "../../operating.ts";
import { showList, taskLines } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const queue = text(args.options.queue);
    const tasks = await withOperations(args, io, (operations) =>
      operations.tasks.list({ ...selectionOf(args), ...(queue === undefined ? {} : { queue }) }),
    );
    showList(tasks, taskLines, "no tasks; --all shows also what is done, expired or withdrawn", args.options.json === true, io);
    return DONE;
  },
};
