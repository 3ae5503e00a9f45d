import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { candidateLines, explanationLines } from "../../views/explanation.ts";

interface Explain extends Operate {
  readonly id: string;
  readonly experience: string | undefined;
}

export const run = ({ id, experience, json, ...on }: Explain, io: Io): Promise<number> =>
  withLookUps(on, io, async (lookUps) => {
    const decision = await lookUps.decisions.show({ id });
    const about = experience === undefined ? {} : { experience };
    const explanation = await lookUps.decisions.explain({ id: decision.decisionId, ...about });
    if (json) io.out(JSON.stringify(explanation));
    else for (const line of (experience === undefined ? explanationLines : candidateLines)(explanation, decision, io)) io.out(line);
    return DONE;
  });
