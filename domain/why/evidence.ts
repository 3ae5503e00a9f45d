import type { Pause } from "../deciding/pause.ts";
import type { Customer } from "../entities/customer.ts";
import type { Candidate, Decision } from "../entities/decision.ts";
import { experienceOf, type Policy } from "../entities/policy.ts";
import type { Instant } from "../values/time.ts";
import type { CameSignal, Fate, LookedAt } from "./rung.ts";

/** Everything that the answer rests on. */
export interface WhyGiven {
  readonly experienceId: string;
  readonly customer: Customer;
  readonly policy: Policy;
  readonly now: Instant;
  readonly window: { readonly from: Instant; readonly to: Instant };
  readonly pauses: readonly Pause[];
  /** Decisions of the customer up to the end of the window, in order of time; those before it tell what stood when it began. */
  readonly decisions: readonly Decision[];
  /** Deliveries of the experience for these decisions. */
  readonly fates: readonly Fate[];
  /** Signals within the window of the types that open its moments, the latest first. */
  readonly signals: readonly CameSignal[];
  /** False where older decisions were not read, or are forgotten. */
  readonly whole: boolean;
}

/** The parts of the record that the rungs read. */
export interface Evidence {
  /** Looks within the window, in order of time. */
  readonly within: readonly LookedAt[];
  /** The latest look before the window. */
  readonly before?: LookedAt;
  /** The look that the answer rests on: of a delivery, else the latest, else one that stood when the window began. */
  readonly look?: LookedAt;
  readonly fate?: Fate;
  /** Decisions of the window in which a moment was open that the experience serves, and it was no candidate. */
  readonly without?: Decision;
}

export function evidenceOf({ experienceId, decisions, fates, window, policy }: WhyGiven): Evidence {
  const serves = experienceOf(policy, experienceId)?.serves ?? [];
  const looks = decisions.flatMap((decision): LookedAt[] => {
    const candidate = decision.candidates.find((one) => one.experienceId === experienceId) ?? countedAmong(decision, experienceId, serves);
    return candidate ? [{ decision, candidate }] : [];
  });
  const timeOf = ({ decision }: LookedAt): Instant => Date.parse(decision.decidedAt);
  const within = looks.filter((look) => timeOf(look) >= window.from);
  const before = looks.filter((look) => timeOf(look) < window.from).at(-1);
  const fateOf = ({ decision }: LookedAt): Fate | undefined => fates.find(({ decisionId }) => decisionId === decision.decisionId);
  const delivered = within.filter((look) => look.candidate.verdict === "chosen" && look.decision.action === "deliver");
  const isGone = (look: LookedAt): boolean => !["cancelled", "failed"].includes(fateOf(look)?.status ?? "cancelled");
  const look = delivered.findLast(isGone) ?? within.at(-1) ?? (before && stillStood(before, window.from) ? before : undefined);
  const fate = look && fateOf(look);
  const without = decisions
    .filter(({ decidedAt }) => Date.parse(decidedAt) >= window.from)
    .findLast(({ moments }) => moments.some(({ name }) => serves.includes(name)));
  return { within, ...(before ? { before } : {}), ...(look ? { look } : {}), ...(fate ? { fate } : {}), ...(without ? { without } : {}) };
}

// --- internal ---

/** A candidate without room in the record, of which it names the stage and the code. */
function countedAmong({ others = [], moments }: Decision, experienceId: string, serves: readonly string[]): Candidate | undefined {
  const group = others.find(({ experiences }) => experiences.includes(experienceId));
  const moment = moments.find(({ name }) => serves.includes(name))?.name ?? moments[0]?.name ?? "";
  return group && { experienceId, moment, verdict: "ineligible", reasons: [{ code: group.code, stage: group.stage, decidedBy: "rule" }] };
}

/** A decision that sent nothing stands as long as its moment is open and no other one replaces it. */
const stillStood = ({ decision, candidate }: LookedAt, from: Instant): boolean =>
  decision.action !== "deliver" &&
  decision.action !== "withhold" &&
  decision.moments.some(({ name, expiresAt }) => name === candidate.moment && Date.parse(expiresAt) > from);
