import { explainWithCost } from "../../../domain/deciding/explained.ts";
import { type Command, DONE } from "../../command.ts";
import { withLookUps } from "../../looking-up.ts";
import { explanationLines } from "../../views/explanation.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const decision = await look.decision(args.positionals[0] ?? "");
      const explanation = explainWithCost(decision, await look.run(decision.runId));
      if (args.options.json === true) io.out(JSON.stringify(explanation));
      else for (const line of explanationLines(explanation, decision, io)) io.out(line);
      return DONE;
    }),
};
