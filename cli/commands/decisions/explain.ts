import { explainWithCost } from "../../../domain/deciding/explained.ts";
import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type LookUp, withLookUps } from "../../looking-up.ts";
import { explanationLines } from "../../views/explanation.ts";

export const run = ({ id, json, ...on }: LookUp & { readonly id: string }, io: Io): Promise<number> =>
  withLookUps(on, io, async (look) => {
    const decision = await look.decision(id);
    const explanation = explainWithCost(decision, await look.run(decision.runId));
    if (json) io.out(JSON.stringify(explanation));
    else for (const line of explanationLines(explanation, decision, io)) io.out(line);
    return DONE;
  });
