import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { cutShort } from "../domain/values/cut.ts";
import { iso, parseInstant } from "../domain/values/time.ts";
import type { Present } from "./golden.ts";
import { askedBy, codesOf, codesOfCandidate, departmentOf, is, isAt, isLocale, textOf, wokenBy } from "./match-decision.ts";

/** A decision beside an expectation that failed. */
export interface NearDecision {
  /** The decision on one line, with its reasons. */
  readonly decision: string;
  /** What differs from the expectation, each in words. */
  readonly differs: readonly string[];
}

/** Near decisions that a report shows. */
export const MAX_NEAR = 3;

/** The decisions nearest to an expected one: of its customer, with the fewest differences. */
export function nearestTo(expected: Present, decisions: readonly Decision[], policy: Policy): NearDecision[] {
  const { at, customer } = expected;
  const here = at === undefined ? [] : decisions.filter((decision) => isAt(decision, at));
  const customers = customer === undefined ? here.map(({ customerId }) => customerId) : [customer];
  const own = decisions.filter(({ customerId }) => customers.includes(customerId));
  const time = at === undefined ? undefined : (parseInstant(at) ?? parseInstant(here[0]?.decidedAt ?? ""));
  const distance = ({ decidedAt }: Decision): number => (time === undefined ? 0 : Math.abs((parseInstant(decidedAt) ?? 0) - time));
  return (own.length > 0 ? own : decisions)
    .map((decision) => ({ decision, differs: differencesOf(decision, expected, policy) }))
    .sort((a, b) => weightOf(a.differs) - weightOf(b.differs) || distance(a.decision) - distance(b.decision))
    .slice(0, MAX_NEAR)
    .filter(({ differs }, index) => index === 0 || weightOf(differs) < 2 * FAR)
    .map(({ decision, differs }) => ({ decision: inShort(decision), differs: differs.map(({ words }) => words) }));
}

/** A decision as it is, with nothing to compare it with. */
export const seen = (decision: Decision): NearDecision => ({ decision: inShort(decision), differs: [] });

// --- internal ---

interface Difference {
  readonly words: string;
  readonly weight: number;
}

const weightOf = (differs: readonly Difference[]): number => differs.reduce((sum, { weight }) => sum + weight, 0);

/** What is looked for is first of all an experience at a time: a decision without it is far away. */
const FAR = 3;

function differencesOf(decision: Decision, expected: Present, policy: Policy): Difference[] {
  const { customer, experience, channel, variant, locale, department, action, stage, ask, place, again, at, until, probability } = expected;
  const wantedUntil = until === undefined ? undefined : iso(parseInstant(until) ?? 0);
  return [
    ...field("customer", decision.customerId, customer, FAR),
    ...field("experience", decision.experienceId, experience, FAR),
    ...(at === undefined || isAt(decision, at) ? [] : [{ words: `at ${whenOf(decision)}, not ${at}`, weight: FAR }]),
    ...field("action", decision.action, action, 2),
    ...field("channel", decision.channel, channel, 1),
    ...field("variant", decision.variant, variant, 1),
    ...(isLocale(locale, decision) ? [] : field("locale", decision.deliveries[0]?.locale, locale, 1)),
    ...field("department", departmentOf(decision, policy), department, 1),
    ...field("stage", decision.stage, stage, 1),
    ...field("ask", askedBy(decision)?.askId, ask, FAR),
    ...field("place", askedBy(decision)?.place, place, 2),
    ...field("again", String(decision.again === true), again === undefined ? undefined : String(again), 1),
    ...field("until", decision.until, wantedUntil, 1),
    ...field("probability", String(decision.probability), probability === undefined ? undefined : String(probability), 1),
    ...outOfTime(decision, expected),
    ...codesMissing(decision, expected),
    ...textDiffers(decision, expected),
  ];
}

const field = (name: string, given: string | undefined, wanted: string | undefined, weight: number): Difference[] =>
  is(wanted, given) ? [] : [{ words: `${name} ${given ?? "none"}, not ${wanted}`, weight }];

function outOfTime({ decidedAt }: Decision, { before, after }: Present): Difference[] {
  const at = parseInstant(decidedAt) ?? 0;
  return [
    ...(before === undefined || at < (parseInstant(before) ?? 0) ? [] : [{ words: `not before ${before}`, weight: 1 }]),
    ...(after === undefined || at > (parseInstant(after) ?? 0) ? [] : [{ words: `not after ${after}`, weight: 1 }]),
  ];
}

function codesMissing(decision: Decision, { experience, reasons = [], candidates = {} }: Present): Difference[] {
  const given = codesOf(decision, experience);
  const missing = reasons.filter((code) => !given.has(code));
  const others = Object.entries(candidates).flatMap(([id, wanted]): Difference[] => {
    const codes = codesOfCandidate(decision, id);
    const absent = [wanted].flat().filter((code) => !codes.includes(code));
    return absent.length === 0 ? [] : [{ words: `candidate ${id} ${codes.join("+") || "none"}, without ${absent.join("+")}`, weight: 1 }];
  });
  const reasonsDiffer = { words: `reasons ${[...given].join("+") || "none"}, without ${missing.join("+")}`, weight: 1 };
  return [...(missing.length === 0 ? [] : [reasonsDiffer]), ...others];
}

const LONGEST_TEXT = 160;

function textDiffers(decision: Decision, { to, says, saysNot }: Present): Difference[] {
  const text = textOf(decision);
  const shown = text === "" ? "no text" : `“${cutShort(text.replace(/\s+/g, " "), LONGEST_TEXT)}”`;
  return [
    ...(says === undefined || text.includes(says) ? [] : [{ words: `says ${shown}, not “${says}”`, weight: 1 }]),
    ...(to !== undefined && decision.deliveries.every((delivery) => delivery.to !== to)
      ? [
          {
            words: `goes to ${decision.deliveries.map((delivery) => delivery.to ?? "no address").join(", ") || "nobody"}, not to ${to}`,
            weight: 1,
          },
        ]
      : []),
    ...(saysNot !== undefined && text.includes(saysNot) ? [{ words: `says “${saysNot}”`, weight: 1 }] : []),
  ];
}

const whenOf = (decision: Decision): string => {
  const id = wokenBy(decision);
  return id === undefined ? decision.decidedAt : `${id} (${decision.decidedAt})`;
};

function inShort(decision: Decision): string {
  const { decidedAt, customerId, action, experienceId, channel, variant, reasons } = decision;
  const place = askedBy(decision)?.place;
  const what =
    experienceId === undefined ? action : `${action} ${experienceId} by ${channel}${variant === undefined ? "" : `, ${variant}`}`;
  const codes = [...new Set(reasons.map(({ code, detail }) => (detail === undefined ? code : `${code}: ${detail}`)))];
  const id = wokenBy(decision);
  const at = id === undefined ? decidedAt : `${decidedAt} (${place === undefined ? id : `${id}, ${place}`})`;
  return `${at} ${customerId} ${what} (${codes.join(", ")})`;
}
