import { type Command, DONE } from "../../command.ts";
import { selectionOf, withOperations } from "../../operating.ts";
import { auditLines, showList } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const { limit, customerId } = selectionOf(args);
    const entries = await withOperations(args, io, (operations) =>
      operations.audit.list({ limit, ...(customerId === undefined ? {} : { customerId }) }),
    );
    showList(entries, auditLines, "no operator has done anything yet", args.options.json === true, io);
    return DONE;
  },
};
