import type { Customer, Moment } from "../entities/customer.ts";
import type { Candidate, DecisionDraft, MomentRecord, Reason, ReasonCode, Score } from "../entities/decision.ts";
import { decisionIdOf, wakeRecord } from "../entities/wake.ts";
import { iso } from "../values/time.ts";
import { type Ranked, scoreIfOpen, type Verdict } from "./arbitration.ts";
import { goesOnWaiting, hourRecord } from "./better-time.ts";
import { type Look, type StagedHold, variantOf } from "./funnel.ts";
import type { Judged } from "./verdict.ts";

/** The decision of a verdict, as it is recorded. Its id follows from the wake. */
export function draftDecision({ customer, wake, looks, verdict, arbitration }: Judged): DecisionDraft {
  const { view, policy, now } = arbitration;
  const { winner, action, until, holdout } = verdict;
  const candidates = candidatesOf(looks, verdict, (look) => (winner ? scoreIfOpen(look, arbitration) : undefined));
  const lapsed = lapsedReason(customer, verdict);
  return {
    decisionId: decisionIdOf(wake),
    customerId: customer.customerId,
    decidedAt: iso(now),
    wake: wakeRecord(wake),
    action,
    ...(winner ? { experienceId: winner.look.experience.id, channel: winner.route.rule.name, ...variantOf(winner.route) } : {}),
    ...(until === undefined ? {} : { until: iso(until) }),
    probability: verdict.probability,
    ...hourRecord(verdict),
    ...(holdout ? { holdout } : {}),
    ...(policy.stages.length > 0 && customer.stage?.name ? { stage: customer.stage.name } : {}),
    timezone: {
      name: view.zone,
      from: view.zoneIsOwn ? "customer" : "workspace",
      ...(view.unknownZone === undefined ? {} : { unknown: view.unknownZone }),
    },
    moments: customer.moments.map(momentRecord),
    candidates,
    reasons: [...reasonsOf(verdict, candidates, customer.moments), ...(lapsed ? [lapsed] : [])],
    policyVersion: policy.version,
    ...(customer.standing && !goesOnWaiting(customer, verdict) ? { supersedes: customer.standing.decisionId } : {}),
  };
}

/** What holds each candidate of a verdict, and the moment that it serves: the reasons of its record, before they are written down. */
export function heldCandidates({ ranked, winner, because }: Verdict, looks: readonly Look[]): HeldCandidate[] {
  return [
    ...ranked.map((one) => ({ moment: one.look.moment.name, holds: one === winner ? because : losingHolds(one) })),
    ...looks.filter(({ routes }) => routes.length === 0).map(({ moment, stoppedBy }) => ({ moment: moment.name, holds: stoppedBy })),
  ];
}

export interface HeldCandidate {
  readonly moment: string;
  readonly holds: readonly StagedHold[];
}

/** The codes of a decision's reasons, each once. */
export function codesOf(verdict: Verdict, looks: readonly Look[]): ReasonCode[] {
  const { action, because, ranked } = verdict;
  if (because.length > 0) return distinctCodes(because);
  if (action !== "silence") return ["eligible"];
  const holds = heldCandidates(verdict, looks).flatMap((one) => one.holds);
  const isOutdone = ranked.some((one) => losingHolds(one).length === 0);
  const codes = [...distinctCodes(holds), ...(isOutdone ? (["lower_priority"] as const) : [])];
  return codes.length > 0 ? codes : ["ineligible"];
}

/**
 * The decision with the changes that would have let stopped candidates compete, in words: only of decisions that are recorded.
 *
 * @param whole an experience whose candidate has them in any case
 */
export function withNeeds(decision: DecisionDraft, looks: readonly Look[], whole?: string): DecisionDraft {
  const stoppedBy = new Map(looks.map(({ experience, stoppedBy: holds }) => [experience.id, holds]));
  let left = MAX_NEEDS_LENGTH;
  const explained = (hold: StagedHold): Reason => {
    const unmet = left > 0 ? (hold.unmet?.() ?? {}) : {};
    left -= JSON.stringify(unmet).length;
    return left < 0 ? reasonOf(hold) : { ...reasonOf(hold), ...unmet };
  };
  const candidates = decision.candidates.map((candidate): Candidate => {
    const holds = stoppedBy.get(candidate.experienceId) ?? [];
    if (holds.length === 0) return candidate;
    if (candidate.experienceId === whole) return { ...candidate, reasons: holds.map((hold) => ({ ...reasonOf(hold), ...hold.unmet?.() })) };
    return left < 0 ? candidate : { ...candidate, reasons: holds.map(explained) };
  });
  return { ...decision, candidates };
}

// --- internal ---

const momentRecord = ({ name, openedAt, expiresAt, urgency, confidence, decidedBy }: Moment): MomentRecord => ({
  name,
  openedAt: iso(openedAt),
  expiresAt: iso(expiresAt),
  urgency,
  confidence,
  decidedBy,
});

/** Experiences that share a condition share the hold, and so the reason. */
function reasonOf(hold: StagedHold): Reason {
  const known = reasonsKnown.get(hold);
  if (known) return known;
  const made = newReason(hold);
  reasonsKnown.set(hold, made);
  return made;
}

const reasonsKnown = new WeakMap<StagedHold, Reason>();

const newReason = ({ code, stage, detail, retryAt, channel, variant, decidedBy }: StagedHold): Reason => ({
  code,
  stage,
  decidedBy: decidedBy ?? "rule",
  detail,
  ...(channel === undefined ? {} : { channel }),
  ...(variant === undefined ? {} : { variant }),
  ...(retryAt === undefined ? {} : { retryAt: iso(retryAt) }),
});

function candidatesOf(
  looks: readonly Look[],
  { ranked, winner, because, action }: Verdict,
  wouldScore: (look: Look) => Score | undefined,
): Candidate[] {
  const chosen = winner && because.length > 0 ? because.map(reasonOf) : [{ code: "eligible", decidedBy: "rule" } satisfies Reason];
  const open = ranked.map((one): Candidate => {
    const { look, route, score } = one;
    const isChosen = one === winner;
    const reasons = isChosen ? chosen : losingReasons(one, winner, action);
    const verdict = isChosen ? "chosen" : one.passedOver ? "ineligible" : "eligible";
    return {
      experienceId: look.experience.id,
      moment: look.moment.name,
      verdict,
      ...canaryOf(look),
      channel: route.rule.name,
      ...variantOf(route),
      score,
      reasons,
      // A log can only be asked about what it says could have been chosen.
      ...(isChosen || route.route.variant !== undefined ? channelsOf(one) : {}),
      ...others(look),
    };
  });
  const stopped = looks
    .filter(({ routes }) => routes.length === 0)
    .map((look): Candidate => {
      const score = wouldScore(look);
      return {
        experienceId: look.experience.id,
        moment: look.moment.name,
        verdict: "ineligible",
        ...canaryOf(look),
        ...(score ? { wouldScore: score } : {}),
        reasons: look.stoppedBy.map(reasonOf),
        ...others(look),
      };
    });
  const first = open.filter(({ verdict }) => verdict === "chosen");
  return [...first, ...open.filter(({ verdict }) => verdict !== "chosen"), ...stopped];
}

/** Maximum length of all needs of a decision, so that its record stays small; candidates beyond that keep their `detail`. */
const MAX_NEEDS_LENGTH = 8_192;

const channelsOf = ({ options }: Ranked): Pick<Candidate, "channels"> => ({
  channels: options.map(({ route, P }) => ({ channel: route.rule.name, ...variantOf(route), P })),
});

/** Told of a canary that competes; one that is held says so by its reasons. */
const canaryOf = ({ experience: { canary, held } }: Look): Pick<Candidate, "canary"> => (canary && !held ? { canary: true } : {});

const others = ({ lost }: Look): Pick<Candidate, "otherChannels"> => (lost.length > 0 ? { otherChannels: lost.map(reasonOf) } : {});

const distinctCodes = (holds: readonly StagedHold[]): ReasonCode[] => [...new Set(holds.map(({ code }) => code))];

const losingHolds = ({ passedOver, route }: Ranked): readonly StagedHold[] => (passedOver ? [passedOver] : route.holds);

function losingReasons(one: Ranked, winner: Ranked | undefined, action: Verdict["action"]): Reason[] {
  const holds = losingHolds(one);
  if (holds.length > 0) return holds.map(reasonOf);
  const best = winner ? `${round(one.score.priority)} against ${round(winner.score.priority)} of ${winner.look.experience.id}` : action;
  return [{ code: "lower_priority", stage: "arbitration", decidedBy: "rule", detail: best }];
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Reasons of the decision: the winner's, or for a silence every code that held something back. */
function reasonsOf({ action, because }: Verdict, candidates: readonly Candidate[], moments: readonly Moment[]): Reason[] {
  if (because.length > 0) return because.map(reasonOf);
  if (action !== "silence") return [{ code: "eligible", decidedBy: "rule" }];
  const byCode = new Map<string, Reason>();
  for (const { experienceId, reasons } of candidates) {
    for (const reason of reasons) {
      const known = byCode.get(reason.code);
      const detail = `${experienceId}${reason.detail === undefined ? "" : `: ${reason.detail}`}`;
      const { channel: _channel, variant: _variant, retryAt: _retryAt, ...plain } = reason;
      byCode.set(reason.code, known ? { ...known, detail: `${known.detail}; ${detail}` } : { ...plain, detail });
    }
  }
  if (byCode.size > 0) return [...byCode.values()];
  const names = moments.map(({ name }) => name).join(", ");
  return [{ code: "ineligible", decidedBy: "rule", detail: `no approved experience serves ${names}` }];
}

/** A pending decision whose moment ended before it was carried out. */
function lapsedReason(customer: Customer, { winner }: Verdict): Reason | undefined {
  const { standing } = customer;
  if (!standing?.experienceId || standing.action === "silence" || standing.experienceId === winner?.look.experience.id) return undefined;
  const isOpen = standing.momentIds.some((id) => customer.moments.some(({ momentId }) => momentId === id));
  return isOpen
    ? undefined
    : { code: "moment_expired", decidedBy: "rule", detail: `${standing.experienceId} was pending and its moment is over` };
}
