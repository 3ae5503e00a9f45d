import { timeInWords } from "../deciding/explain.ts";
import { experienceOf } from "../entities/policy.ts";
import { goldenRecord } from "../record/record.ts";
import { zoneOf } from "../record/view.ts";
import { iso } from "../values/time.ts";
import { climb, isOpenEnded, type Step, unknownExperience } from "./climb.ts";
import { evidenceOf, type WhyGiven } from "./evidence.ts";
import { type Ask, type Climbed, type Fate, type LookedAt, type Rival, RUNGS, type Rung, type RungId } from "./rung.ts";

/** Why a customer got an experience, or did not. */
export interface Why {
  readonly customerId: string;
  readonly experienceId: string;
  readonly name?: string;
  readonly department?: string;
  readonly at: string;
  readonly timezone: string;
  /** One sentence. */
  readonly answer: string;
  /** Whether it went, did not, or may still go. */
  readonly outcome: "went" | "held" | "waits" | "unknown";
  readonly rungs: readonly Rung[];
  /** The rung that stopped it. */
  readonly stoppedAt?: RungId;
  readonly heldBy?: { readonly stage: string; readonly code: string };
  readonly change?: string;
  readonly ask?: Ask;
  readonly rival?: Rival;
  /** The decision that the answer rests on. */
  readonly decisionId?: string;
  readonly deliveryId?: string;
  /** What that delivery said, and in which language. */
  readonly variant?: string;
  readonly locale?: string;
  /** The experience was looked at in these decisions of the window, in order of time. */
  readonly looks: readonly LookLine[];
  /** The latest look before the window, where the window has none. */
  readonly lastLook?: LookLine;
  readonly searched: { readonly from: string; readonly to: string; readonly whole: boolean };
}

/** One decision in which the experience was a candidate. */
export interface LookLine {
  readonly decisionId: string;
  readonly decidedAt: string;
  readonly action: string;
  readonly verdict: string;
  readonly moment: string;
  /** The winner, where there is one. */
  readonly winner?: string;
  readonly channel?: string;
  readonly variant?: string;
  readonly codes: readonly string[];
  readonly policyVersion: string;
}

/**
 * Climbs the ladder: the first rung that says no is the answer. A delivery within the window goes before everything else, since it did
 * go. No clock, no I/O.
 */
export function whyOf(given: WhyGiven): Why {
  const { customer, policy, now, window, experienceId } = given;
  const { customerId } = customer;
  const experience = experienceOf(policy, experienceId);
  const { zone } = zoneOf(goldenRecord(customer.claims, policy.record, now), policy);
  const evidence = evidenceOf(given);
  const { look, fate, within, before } = evidence;
  const steps = experience ? climb(experience, evidence, zone, given) : [unknownExperience(experienceId)];
  const stop = steps.find(([id, one]) => one.state === "no" || one.state === "waits" || isOpenEnded(id, one));
  return {
    ...{ customerId, experienceId, at: iso(now), timezone: zone },
    ...(experience ? { name: experience.name } : {}),
    ...(experience?.department === undefined ? {} : { department: experience.department }),
    answer: sentence(stop, { customerId, experienceId, fate, zone, came: steps.at(-1)?.[1].says ?? "" }),
    outcome: stop ? OUTCOMES[stop[1].state] : "went",
    rungs: rungsOf(steps),
    ...(stop ? { stoppedAt: stop[0], ...pick(stop[1]) } : {}),
    ...(look ? { decisionId: look.decision.decisionId } : {}),
    ...(fate ? { deliveryId: fate.deliveryId } : {}),
    ...(fate?.variant === undefined ? {} : { variant: fate.variant }),
    ...(fate?.locale === undefined ? {} : { locale: fate.locale }),
    looks: within.map(lineOf),
    ...(within.length === 0 && before ? { lastLook: lineOf(before) } : {}),
    searched: { from: iso(window.from), to: iso(window.to), whole: given.whole },
  };
}

// --- internal ---

const pick = ({ change, ask, rival, heldBy }: Climbed): Pick<Why, "change" | "ask" | "rival" | "heldBy"> => ({
  ...(change === undefined ? {} : { change }),
  ...(ask ? { ask } : {}),
  ...(rival ? { rival } : {}),
  ...(heldBy ? { heldBy } : {}),
});

function rungsOf(steps: readonly Step[]): Rung[] {
  const known = new Map(steps);
  return (Object.keys(RUNGS) as RungId[]).map((id) => {
    const climbed = known.get(id);
    const question = RUNGS[id];
    if (!climbed) return { id, question, state: "not_reached", says: "", details: [] };
    return { id, question, state: climbed.state, says: climbed.says, details: climbed.details ?? [] };
  });
}

const OUTCOMES = { yes: "went", no: "held", waits: "waits", unknown: "unknown" } as const;

interface Told {
  readonly customerId: string;
  readonly experienceId: string;
  readonly fate: Fate | undefined;
  readonly zone: string;
  /** The sentence of the last rung. */
  readonly came: string;
}

/** One sentence: what came of it, or at which rung it stopped. */
function sentence(stop: Step | undefined, told: Told): string {
  const { customerId, experienceId } = told;
  if (!stop) return went(told);
  const [id, { state, says }] = stop;
  if (id === "handed_over" && state === "unknown") return `It is not certain that ${experienceId} went to ${customerId}: ${says}.`;
  if (state !== "no") return `${experienceId} has not gone to ${customerId} yet: ${says}.`;
  if (id === "arrived") return `${experienceId} went to ${customerId} and did not arrive: ${says}.`;
  return `${experienceId} did not go to ${customerId}: ${says}.`;
}

function went({ customerId, experienceId, fate, zone, came }: Told): string {
  const at = fate ? ` by ${fate.channel} on ${timeInWords(iso(fate.settledAt ?? fate.reservedAt), zone)}` : "";
  if (fate?.recorded) return `${experienceId} was decided for ${customerId}${at}, and only recorded: this was a run without --live.`;
  return `${experienceId} went to ${customerId}${at}; what came of it: ${came}.`;
}

function lineOf({ decision, candidate }: LookedAt): LookLine {
  const { decisionId, decidedAt, action, experienceId, channel, variant, policyVersion } = decision;
  const isOwn = experienceId === candidate.experienceId;
  return {
    ...{ decisionId, decidedAt, action, verdict: candidate.verdict, moment: candidate.moment },
    ...(experienceId === undefined || isOwn ? {} : { winner: experienceId }),
    ...(channel === undefined || !isOwn ? {} : { channel }),
    ...(variant === undefined || !isOwn ? {} : { variant }),
    codes: [...new Set(candidate.reasons.map(({ code }) => code))],
    policyVersion,
  };
}
