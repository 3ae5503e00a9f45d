import { type Command, DONE } from "../../command.ts";
import { selectionOf, withOperations } from "../../operating.ts";
import { approvalLines, showList } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const approvals = await withOperations(args, io, (operations) => operations.approvals.list(selectionOf(args)));
    showList(approvals, approvalLines, "nothing waits for an approval; --all shows also what was answered", args.options.json === true, io);
    return DONE;
  },
};
