import { type Command, DONE } from "../command.ts";
import { withOperations } from "../operating.ts";
import { targetsOf } from "../pause-targets.ts";
import { pauseLines } from "../views/operations.ts";

export const command: Command = {
  async run(args, io) {
    const { changed, pauses } = await withOperations(args, io, async (operations, actor) => {
      const set = [];
      for (const target of targetsOf(args)) set.push(await operations.pauses.pause(target, actor));
      return { changed: set.some((one) => one.changed), pauses: await operations.pauses.list() };
    });
    if (args.options.json === true) io.out(JSON.stringify({ changed, pauses }));
    else for (const line of pauseLines(pauses, io.paint)) io.out(line);
    if (!changed) io.note("it was paused already");
    return DONE;
  },
};
