import { DONE, type Listing } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, pageOf, withLookUps } from "../../operating.ts";
import { decisionLine } from "../../views/decision-line.ts";
import { noteIfCut } from "../../views/operations.ts";
import { whyEmpty } from "../../why-empty.ts";

export async function run({ customer, limit, json, ...on }: Operate & Listing, io: Io): Promise<number> {
  const decisions = await withLookUps(on, io, (lookUps) => lookUps.decisions.list(pageOf({ customer, limit })));
  for (const decision of decisions)
    io.out(json ? JSON.stringify(decision) : `${io.paint.dim(decision.decisionId.slice(0, 10))}  ${decisionLine(decision, io.paint)}`);
  if (decisions.length === 0) io.note(await whyEmpty(decisions, { customer }, "no decisions yet", on, io));
  noteIfCut(decisions.length, limit, io);
  return DONE;
}
