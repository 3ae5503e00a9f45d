import { explain } from "../../domain/explain.ts";
import { type Command, DONE } from "../command.ts";
import { withLookUps } from "../looking-up.ts";
import { explanationLines } from "../views/explanation.ts";

export const command: Command = {
  run: (args, io) =>
    withLookUps(args, io, async (look) => {
      const decision = await look.decision(args.positionals[0] ?? "");
      const explanation = explain(decision);
      // What it is told comes from its record alone; what it cost is with its run.
      const { usage } = await look.run(decision.runId);
      const cost = usage.inputTokens + usage.outputTokens > 0 ? { usage } : {};
      if (args.options.json === true) io.out(JSON.stringify({ ...explanation, ...cost }));
      else for (const line of explanationLines({ ...explanation, ...cost }, decision, io)) io.out(line);
      return DONE;
    }),
};
