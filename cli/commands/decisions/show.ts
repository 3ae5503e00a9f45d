import { type Command, DONE } from "../../command.ts";
import { withLookUps } from "../../looking-up.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const decision = await look.decision(args.positionals[0] ?? "");
      io.out(args.options.json === true ? JSON.stringify(decision) : JSON.stringify(decision, null, 2));
      return DONE;
    }),
};
