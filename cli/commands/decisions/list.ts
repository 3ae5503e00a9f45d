import { type Command, DONE } from "../../command.ts";
import { withLookUps } from "../../looking-up.ts";
import { decisionLine } from "../../views/decision-line.ts";
import { customerOption, limitOf } from "../../with-store.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const decisions = await look.decisions({ ...customerOption(args), limit: limitOf(args) });
      const isJson = args.options.json === true;
      for (const decision of decisions)
        io.out(
          isJson ? JSON.stringify(decision) : `${io.paint.dim(decision.decisionId.slice(0, 10))}  ${decisionLine(decision, io.paint)}`,
        );
      if (decisions.length === 0) io.note("no decisions yet");
      return DONE;
    }),
};
