import { type Command, DONE } from "../command.ts";
import { withStore } from "../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withStore(args, io, async (store) => {
      const decision = await store.read.decision(args.positionals[0] ?? "");
      io.out(args.options.json === true ? JSON.stringify(decision) : JSON.stringify(decision, null, 2));
      return DONE;
    }),
};
