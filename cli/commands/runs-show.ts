import { type Command, DONE } from "../command.ts";
import { withLookUps } from "../looking-up.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const run = await look.run(args.positionals[0] ?? "");
      io.out(args.options.json === true ? JSON.stringify(run) : JSON.stringify(run, null, 2));
      return DONE;
    }),
};
