import { type Command, DONE } from "../../command.ts";
import { selectionOf, withOperations } from "../../operating.ts";
import { promiseLines, showList } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const promises = await withOperations(args, io, (operations) => operations.promises.list(selectionOf(args)));
    showList(promises, promiseLines, "no promises are open; --all shows also those that were kept", args.options.json === true, io);
    return DONE;
  },
};
