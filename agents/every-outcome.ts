import type { AskedFor } from "../domain/deciding/arbitration.ts";
import { everyOutcome } from "../domain/deciding/judge.ts";
import type { Outcome } from "../domain/deciding/verdict.ts";
import { need } from "../domain/errors.ts";
import type { AgentContext } from "./agent.ts";
import { everyFirstAnswer } from "./answer-ask.ts";
import { judgeContextOf } from "./eligibility-judge.ts";
import type { WakeRun } from "./wake-run.ts";

/**
 * Everything that a policy may do at a wake, each with its probability: nothing is decided, and the run stays as it is. Of an ask, at its
 * first place. What a text that cannot be written would change is left aside.
 *
 * @param one interpreted
 * @param isAskedFor whose probability is exact in any case
 */
export function outcomesOf(one: WakeRun, context: AgentContext, isAskedFor: AskedFor): Outcome[] {
  if (one.wake.kind === "ask") return everyFirstAnswer(one, one.wake, context, isAskedFor);
  const { customer } = need(one.interpreted, "the interpreter's word");
  return everyOutcome(customer, one.wake, judgeContextOf(one, context, context.totals), isAskedFor);
}
