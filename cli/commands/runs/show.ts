import { type Command, DONE } from "../../command.ts";
import { withLookUps } from "../../looking-up.ts";
import { runLines } from "../../views/run.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const run = await look.run(args.positionals[0] ?? "");
      if (args.options.json === true) io.out(JSON.stringify(run));
      else for (const line of runLines(run, io)) io.out(line);
      return DONE;
    }),
};
