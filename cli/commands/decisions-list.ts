import { type Command, DONE } from "../command.ts";
import { decisionLine } from "../views/decision-line.ts";
import { customerOption, limitOf, withStore } from "../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withStore(args, io, async (store) => {
      const decisions = await store.read.decisions({ ...customerOption(args), limit: limitOf(args) });
      const isJson = args.options.json === true;
      for (const decision of decisions)
        io.out(
          isJson ? JSON.stringify(decision) : `${io.paint.dim(decision.decisionId.slice(0, 10))}  ${decisionLine(decision, io.paint)}`,
        );
      if (decisions.length === 0) io.note("no decisions yet");
      return DONE;
    }),
};
