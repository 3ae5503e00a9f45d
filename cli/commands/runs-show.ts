import { type Command, DONE } from "../command.ts";
import { withStore } from "../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withStore(args, io, async (store) => {
      const run = await store.read.run(args.positionals[0] ?? "");
      io.out(args.options.json === true ? JSON.stringify(run) : JSON.stringify(run, null, 2));
      return DONE;
    }),
};
