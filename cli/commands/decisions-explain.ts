import { explain } from "../../domain/explain.ts";
import { type Command, DONE } from "../command.ts";
import { explanationLines } from "../views/explanation.ts";
import { withStore } from "../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withStore(args, io, async (store) => {
      const decision = await store.read.decision(args.positionals[0] ?? "");
      const explanation = explain(decision);
      if (args.options.json === true) io.out(JSON.stringify(explanation));
      else for (const line of explanationLines(explanation, decision, io)) io.out(line);
      return DONE;
    }),
};
