import { openCriteria } from "../domain/deciding/criteria.ts";
import { judge } from "../domain/deciding/judge.ts";
import type { JudgeContext } from "../domain/deciding/verdict.ts";
import { apply } from "../domain/entities/change.ts";
import type { Experience, Route } from "../domain/entities/policy.ts";
import { need } from "../domain/errors.ts";
import { armOf, EVERYONE } from "../domain/learning/lessons.ts";
import { type AgentContext, defineAgent } from "./agent.ts";
import { answerAsk } from "./answer-ask.ts";
import { opinionsOn } from "./opinions.ts";
import { propensityOf } from "./propensity-of.ts";
import { deliveryOf, type WakeRun } from "./wake-run.ts";

export const eligibilityJudge = defineAgent({
  name: "eligibility-judge",
  purpose: "Decides which experience, on which channel, when; very often that none is right.",
  tools: [],
  steps: {
    /** open moments × experiences → one decision, with every candidate and its reasons; none where no moment is open */
    async judge({ runs }, context: AgentContext) {
      // Asked concurrently and before any decision: the decision itself makes no calls.
      if (context.model) await Promise.all([...runs.values()].map((one) => ask(one, context)));
      // In order, counting the slots that this batch takes: the last slot of a limited experience goes to the first run.
      const used = new Map(context.totals);
      for (const one of runs.values()) {
        if (one.wake.kind === "ask") answerAsk(one, one.wake, context, used);
        else judgeRun(one, context, used);
        const delivery = deliveryOf(one);
        if (delivery?.total !== undefined) used.set(delivery.experienceId, (used.get(delivery.experienceId) ?? 0) + 1);
      }
    },
  },
});

// --- internal ---

/**
 * Asks the language model about plain-language criteria, all of a run in one question, and only those that affect the decision.
 */
async function ask(one: WakeRun, { policyFor, model }: AgentContext): Promise<void> {
  // An ask waits for no language model.
  if (!model || one.opinions || one.wake.kind === "ask") return;
  const { customer } = need(one.interpreted, "the interpreter's word");
  const open = openCriteria(customer, one.wake, { policy: policyFor(customer.customerId, one.now), now: one.now });
  one.opinions = open.criteria.length > 0 ? await opinionsOn(open, one, model) : new Map();
}

function judgeRun(one: WakeRun, context: AgentContext, used: ReadonlyMap<string, number>): void {
  const interpreted = need(one.interpreted, "the interpreter's word");
  const changes = judge(interpreted.customer, one.wake, judgeContextOf(one, context, used));
  one.judged = apply(interpreted, changes);
}

/** What judging a run reads besides its customer, once it is interpreted. @param used slots taken of experiences with a limit in total */
export function judgeContextOf(one: WakeRun, context: AgentContext, used: ReadonlyMap<string, number>): JudgeContext {
  const { policyFor, habitOn, pauses, knownThen } = context;
  const { customerId } = need(one.interpreted, "the interpreter's word").customer;
  const policy = policyFor(customerId, one.now);
  const rejectedText = (experienceId: string, { channel, variant }: Pick<Route, "channel" | "variant">) =>
    one.rejected.find((text) => text.experienceId === experienceId && text.channel === channel && text.variant === variant)?.detail;
  const propensity = propensityOf(one, policy, context);
  const commonHabit = (channel: string) => {
    one.asked.push([armOf(EVERYONE, channel)]);
    return habitOn(channel);
  };
  const usedInTotal = (experienceId: string) => used.get(experienceId) ?? 0;
  const opinionOn = ({ id }: Experience) => knownThen?.opinionOn(id) ?? one.opinions?.get(id);
  const isTakenOver = context.isTakenOver(customerId);
  const { now } = one;
  const whole = knownThen?.whole;
  return { policy, propensity, habitOn: commonHabit, now, pauses, usedInTotal, rejectedText, opinionOn, isTakenOver, whole };
}
