import { type Command, DONE } from "../../command.ts";
import { deadSelectionOf, withOperations } from "../../operating.ts";
import { showSettledDead } from "../../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const result = await withOperations(args, io, (operations, actor) => operations.dead.discard(deadSelectionOf(args), actor));
    showSettledDead(result, result.discarded, "discarded", args.options.json === true, io);
    return DONE;
  },
};
