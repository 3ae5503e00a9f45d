import { type Explanation, explain, timeInWords } from "../deciding/explain.ts";
import { judge } from "../deciding/judge.ts";
import type { JudgeContext } from "../deciding/verdict.ts";
import type { Customer } from "../entities/customer.ts";
import type { Decision, DecisionDraft } from "../entities/decision.ts";
import type { Policy } from "../entities/policy.ts";
import type { Wake } from "../entities/wake.ts";
import { interpret } from "../moments/interpret.ts";
import { type Instant, iso } from "../values/time.ts";

/** How a customer would be judged if woken now. */
export interface Judgement {
  readonly customerId: string;
  readonly at: string;
  /** One sentence. */
  readonly answer: string;
  /** The decision as it would be recorded, without its texts; missing where no moment is open. */
  readonly decision?: JudgedDecision;
  readonly explanation?: Pick<Explanation, "others" | "smallestChange">;
  /** Points that a real wake may decide otherwise. */
  readonly notes: readonly string[];
}

export type JudgedDecision = Omit<DecisionDraft, "decisionId" | "wake" | "supersedes">;

/**
 * Judges a customer as if woken now, by a timer that means nothing by itself. Deciding is pure: nothing is written, no language model
 * is asked, and what stands stays.
 */
export function judgeNow(known: Customer, context: JudgeContext): Judgement {
  const { policy, now } = context;
  const wake = wokenNow(known.customerId, now);
  const { customer } = interpret(known, wake, { policy, now, taken: () => false });
  // What stands would silence a decision that only repeats it.
  const { standing: _standing, ...unjudged } = customer;
  const changes = judge(unjudged, wake, context);
  const decided = changes.find((change) => change.type === "decided");
  const { customerId } = known;
  if (!decided)
    return { customerId, at: iso(now), answer: `Woken now, nothing would be decided for ${customerId}: no moment is open.`, notes: [] };
  const { decisionId: _id, wake: _wake, supersedes: _old, ...decision } = decided.decision;
  const whole: Decision = { ...decided.decision, runId: "", deliveries: [] };
  const { others, smallestChange } = explain(whole);
  return {
    customerId,
    at: iso(now),
    answer: answerOf(decision),
    decision,
    explanation: { others, ...(smallestChange === undefined ? {} : { smallestChange }) },
    notes: notesOn(decision, policy),
  };
}

// --- internal ---

const JUDGEMENT = "judgement";

const wokenNow = (customerId: string, due: Instant): Wake => ({ kind: "timer", customerId, key: JUDGEMENT, name: JUDGEMENT, due });

function answerOf({ action, customerId, experienceId = "", channel = "", until, timezone, reasons }: JudgedDecision): string {
  const why = [...new Set(reasons.map(({ code, detail }) => detail ?? code))].join("; ");
  switch (action) {
    case "deliver":
      return `Woken now, ${experienceId} would go to ${customerId} by ${channel}.`;
    case "defer":
      return `Woken now, ${experienceId} would wait${until === undefined ? "" : ` until ${timeInWords(until, timezone.name)}`}: ${why}.`;
    case "await_approval":
      return `Woken now, ${experienceId} would wait for a human to approve it: ${why}.`;
    case "withhold":
      return `Woken now, ${experienceId} would be withheld from ${customerId} on purpose: ${why}.`;
    case "silence":
      return `Woken now, nothing would be sent to ${customerId}.`;
  }
}

function notesOn({ candidates, probability }: JudgedDecision, policy: Policy): string[] {
  const asked = policy.experiences.filter(({ id, judge }) => judge && candidates.some(({ experienceId }) => experienceId === id));
  return [
    ...asked.map(
      ({ id, judge }) => `${id}: its criterion in plain words counts as ${judge?.without}, since no language model is asked here`,
    ),
    ...(probability < 1 ? ["the learner explores: a real wake draws again, and may choose another one"] : []),
  ];
}
