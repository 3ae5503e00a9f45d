import { type Command, DONE } from "../../command.ts";
import { withLookUps } from "../../looking-up.ts";
import { profileLines } from "../../views/profile.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const profile = await look.customer(args.positionals[0] ?? "");
      if (args.options.json === true) io.out(JSON.stringify(profile));
      else for (const line of profileLines(profile, io.paint)) io.out(line);
      return DONE;
    }),
};
