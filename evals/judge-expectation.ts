import type { Decision, DeliveryRecord } from "../domain/decision.ts";
import type { Policy } from "../domain/policy.ts";
import { iso, parseInstant } from "../domain/time.ts";
import type { Expectation, Match, Present } from "./golden.ts";

/** Whether an expectation holds for the decisions of a case, and where it does not, what was seen instead. */
export type Judged = { readonly holds: true } | { readonly holds: false; readonly because: string };

export function judgeExpectation(expectation: Expectation, decisions: readonly Decision[], policy: Policy): Judged {
  if ("never" in expectation) return judgeNever(expectation.never, decisions, policy);
  if ("count" in expectation) return judgeCount(expectation.count, decisions, policy);
  return judgePresent(expectation, decisions, policy);
}

/** An expectation as one line for a report. */
export function describeExpectation(expectation: Expectation): string {
  const plain = (value: object): string =>
    Object.entries(value)
      .map(([key, field]) => `${key} ${Array.isArray(field) ? field.join("+") : String(field)}`)
      .join(", ");
  if ("never" in expectation) return `never: ${plain(expectation.never)}`;
  if ("count" in expectation) return `count: ${plain(expectation.count)}`;
  return plain(expectation);
}

// --- internal ---

function judgePresent(expected: Present, decisions: readonly Decision[], policy: Policy): Judged {
  const { at, reasons = [], until, says, saysNot, ...match } = expected;
  const near = at === undefined ? decisions : decisions.filter((decision) => isAt(decision, at));
  const found = near.filter(
    (decision) =>
      matches(decision, match, policy) &&
      reasons.every((code) => codesOf(decision, expected.experience).has(code)) &&
      (until === undefined || decision.until === iso(parseInstant(until) ?? 0)) &&
      (says === undefined || textOf(decision).includes(says)) &&
      (saysNot === undefined || !textOf(decision).includes(saysNot)),
  );
  if (found.length > 0) return { holds: true };
  const seen = near.slice(0, 3).map(inShort).join("; ");
  return { holds: false, because: seen === "" ? `no decision${at === undefined ? "" : ` at ${at}`}` : `saw ${seen}` };
}

/** What must not be there is a message that goes out, unless another action is named. */
function judgeNever({ says, ...match }: Match, decisions: readonly Decision[], policy: Policy): Judged {
  const found = decisions.find(
    (decision) => matches(decision, { action: "deliver", ...match }, policy) && (says === undefined || textOf(decision).includes(says)),
  );
  return found ? { holds: false, because: `saw ${inShort(found)}` } : { holds: true };
}

function judgeCount(
  { min, max, ...match }: Match & { min?: number | undefined; max?: number | undefined },
  decisions: readonly Decision[],
  policy: Policy,
): Judged {
  const count = decisions.filter((decision) => matches(decision, match, policy)).length;
  if (min !== undefined && count < min) return { holds: false, because: `counted ${count}` };
  if (max !== undefined && count > max) return { holds: false, because: `counted ${count}` };
  return { holds: true };
}

function isAt({ wake, decidedAt }: Decision, at: string): boolean {
  if (wake.kind === "signal" && wake.signalId === at) return true;
  const time = parseInstant(at);
  return time !== undefined && decidedAt === iso(time);
}

function matches(decision: Decision, { customer, experience, channel, department, action, before, after }: Match, policy: Policy): boolean {
  const { experienceId, decidedAt } = decision;
  const owner = policy.experiences.find(({ id }) => id === experienceId)?.department;
  const at = parseInstant(decidedAt) ?? 0;
  return (
    is(customer, decision.customerId) &&
    is(experience, experienceId) &&
    is(channel, decision.channel) &&
    is(department, owner) &&
    is(action, decision.action) &&
    (before === undefined || at < (parseInstant(before) ?? 0)) &&
    (after === undefined || at > (parseInstant(after) ?? 0))
  );
}

const is = (wanted: string | undefined, given: string | undefined): boolean => wanted === undefined || wanted === given;

/** Codes of the decision, and of the candidate that the expectation names. */
const codesOf = ({ reasons, candidates }: Decision, experience: string | undefined): Set<string> =>
  new Set(
    [...reasons, ...candidates.filter(({ experienceId }) => experienceId === experience).flatMap((one) => one.reasons)].map(
      ({ code }) => code,
    ),
  );

const textOf = ({ deliveries }: Decision): string =>
  deliveries.map(({ content = {} }: DeliveryRecord) => Object.values(content).map(String).join("\n")).join("\n");

const inShort = ({ decidedAt, customerId, action, experienceId, channel, reasons }: Decision): string =>
  `${decidedAt} ${customerId} ${action}${experienceId === undefined ? "" : ` ${experienceId} by ${channel}`} (${[...new Set(reasons.map(({ code }) => code))].join(", ")})`;
