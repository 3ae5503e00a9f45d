import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { explanationLines } from "../../views/explanation.ts";

export const run = ({ id, json, ...on }: Operate & { readonly id: string }, io: Io): Promise<number> =>
  withLookUps(on, io, async (lookUps) => {
    const decision = await lookUps.decisions.show({ id });
    const explanation = await lookUps.decisions.explain({ id: decision.decisionId });
    if (json) io.out(JSON.stringify(explanation));
    else for (const line of explanationLines(explanation, decision, io)) io.out(line);
    return DONE;
  });
