import type { Decision, DeliveryRecord } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { tagForm } from "../domain/values/language-tag.ts";
import { iso, parseInstant } from "../domain/values/time.ts";
import type { Match } from "./golden.ts";

/** The id of the signal or ask that a decision was made for. */
export const wokenBy = ({ wake }: Decision): string | undefined =>
  wake.kind === "signal" ? wake.signalId : wake.kind === "ask" ? wake.askId : undefined;

/** Whether a decision was made for a signal or an ask of this id, or at this time. */
export function isAt(decision: Decision, at: string): boolean {
  const { decidedAt } = decision;
  if (wokenBy(decision) === at) return true;
  const time = parseInstant(at);
  return time !== undefined && decidedAt === iso(time);
}

/** Whether a decision has the fields of a match. */
export function matches(
  decision: Decision,
  { customer, experience, channel, variant, locale, department, action, stage, ask, place, again, before, after }: Match,
  policy: Policy,
): boolean {
  const { experienceId, decidedAt } = decision;
  const at = parseInstant(decidedAt) ?? 0;
  return (
    is(customer, decision.customerId) &&
    is(experience, experienceId) &&
    is(channel, decision.channel) &&
    is(variant, decision.variant) &&
    isLocale(locale, decision) &&
    is(department, departmentOf(decision, policy)) &&
    is(action, decision.action) &&
    is(stage, decision.stage) &&
    is(ask, askedBy(decision)?.askId) &&
    is(place, askedBy(decision)?.place) &&
    (again === undefined || again === (decision.again === true)) &&
    (before === undefined || at < (parseInstant(before) ?? 0)) &&
    (after === undefined || at > (parseInstant(after) ?? 0))
  );
}

/** The wake of a decision that answers an ask. */
export const askedBy = ({ wake }: Decision) => (wake.kind === "ask" ? wake : undefined);

/** An omitted field matches anything. */
export const is = (wanted: string | undefined, given: string | undefined): boolean => wanted === undefined || wanted === given;

/** Whether something was delivered in this language; tags are compared as everywhere. */
export const isLocale = (wanted: string | undefined, { deliveries }: Decision): boolean =>
  wanted === undefined || deliveries.some(({ locale }) => locale !== undefined && tagForm(locale) === tagForm(wanted));

/** Codes of the decision, and of the candidate that the expectation names. */
export const codesOf = (decision: Decision, experience: string | undefined): Set<string> =>
  new Set([...decision.reasons.map(({ code }) => code), ...codesOfCandidate(decision, experience)]);

/** Codes of a candidate, by its experience. */
export const codesOfCandidate = ({ candidates, others = [] }: Decision, experience: string | undefined): string[] => [
  ...candidates.filter(({ experienceId }) => experienceId === experience).flatMap(({ reasons }) => reasons.map(({ code }) => code)),
  ...others.filter(({ experiences }) => experience !== undefined && experiences.includes(experience)).map(({ code }) => code),
];

/** All texts of the messages of a decision. */
export const textOf = ({ deliveries }: Decision): string =>
  deliveries.map(({ content = {} }: DeliveryRecord) => Object.values(content).map(inText).join("\n")).join("\n");

/** Department that owns the experience of a decision. */
export const departmentOf = ({ experienceId }: Decision, { experiences }: Policy): string | undefined =>
  experiences.find(({ id }) => id === experienceId)?.department;

// --- internal ---

const inText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
