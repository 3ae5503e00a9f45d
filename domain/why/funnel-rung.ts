import { explain, timeInWords } from "../deciding/explain.ts";
import { PAUSED } from "../deciding/pause.ts";
import type { Customer, Touch } from "../entities/customer.ts";
import type { Candidate, Decision, Reason } from "../entities/decision.ts";
import { type Experience, experienceOf, type Policy } from "../entities/policy.ts";
import { type Instant, iso } from "../values/time.ts";
import type { Ask, Climbed, LookedAt, Rival } from "./rung.ts";
import { askDepartment } from "./whom-to-ask.ts";

export interface FunnelRungContext {
  readonly experience: Experience;
  readonly customer: Customer;
  readonly policy: Policy;
  readonly now: Instant;
  /** A later decision stands in its place. */
  readonly isReplaced?: boolean;
}

/** The funnel's result for an experience in one decision: the stage that held it, or the rival that won. */
export function funnelRung(look: LookedAt, context: FunnelRungContext): Climbed {
  return look.candidate.verdict === "chosen" ? chosen(look, context) : heldBack(look, context);
}

/** Whether a decision held the experience because of a pause. */
export const isHeldByPause = ({ candidate }: LookedAt): boolean =>
  candidate.reasons.some(({ code, detail = "" }) => code === "suppressed" && detail.startsWith(`${PAUSED}: `));

/** The decision's time in its own zone. */
export const decidedInWords = ({ decidedAt, timezone }: Decision): string => timeInWords(decidedAt, timezone.name);

// --- internal ---

function chosen({ decision, candidate }: LookedAt, context: FunnelRungContext): Climbed {
  const at = decidedInWords(decision);
  switch (decision.action) {
    case "defer":
      return waiting(decision, candidate, context);
    case "await_approval":
      return awaitingApproval(decision, candidate, context);
    case "withhold":
      return {
        state: "no",
        says: `on ${at} it won and was withheld on purpose: ${reasonsInWords(candidate.reasons)}`,
        change: "the customer not being in the holdout",
        ask: { about: "governance.holdout in sentient.yaml" },
        heldBy: { stage: "holdout", code: "holdout" },
      };
    default:
      return {
        state: "yes",
        says: `on ${at} it won for ${candidate.moment}, by ${candidate.channel ?? decision.channel ?? "its channel"}`,
      };
  }
}

/** When the moment ended before the message could go, in words; undefined while it is open. */
function overInWords({ moments, timezone }: Decision, { moment }: Candidate, now: Instant): string | undefined {
  const own = moments.find(({ name }) => name === moment);
  if (own === undefined || Date.parse(own.expiresAt) > now) return undefined;
  return `; its moment ${moment} ended on ${timeInWords(own.expiresAt, timezone.name)}, before it went`;
}

function waiting(decision: Decision, candidate: Candidate, { experience, policy, now, isReplaced }: FunnelRungContext): Climbed {
  const over = overInWords(decision, candidate, now);
  const until = decision.until === undefined ? "later" : timeInWords(decision.until, decision.timezone.name);
  const { stage = "timing", code = "quiet_hours" } = candidate.reasons[0] ?? {};
  const waits = over === undefined && !isReplaced ? "waits" : "was to wait";
  return {
    state: over === undefined ? "waits" : "no",
    says: `on ${decidedInWords(decision)} it won and ${waits} until ${until}: ${reasonsInWords(candidate.reasons)}${over ?? ""}`,
    change: over === undefined ? `waiting until ${until}` : `a moment that is open for longer than ${candidate.moment}`,
    ask: askDepartment(policy, experience.department, "when it may go"),
    heldBy: { stage, code },
  };
}

function awaitingApproval(decision: Decision, candidate: Candidate, { experience, policy, now, isReplaced }: FunnelRungContext): Climbed {
  const over = overInWords(decision, candidate, now);
  const waits = over === undefined && !isReplaced ? "waits" : "waited";
  return {
    state: over === undefined ? "waits" : "no",
    says: `on ${decidedInWords(decision)} it won and ${waits} for a human to approve it: ${reasonsInWords(candidate.reasons)}${over ?? ""}`,
    change: "a human approving it in time",
    ask: { ...askDepartment(policy, experience.department, "the approval"), queue: "approvals" },
    heldBy: { stage: "approval", code: "approval_required" },
  };
}

function heldBack(look: LookedAt, context: FunnelRungContext): Climbed {
  const { decision, candidate } = look;
  const { experience } = context;
  const explained = explain(decision).others.find(({ experienceId }) => experienceId === experience.id);
  const [first] = candidate.reasons;
  const rival = rivalOf(look, context);
  const places = candidate.reasons.flatMap((reason) => (reason.code === "cap_reached" ? takenBy(reason, decision, context) : []));
  const lost =
    first?.code === "lower_priority" && rival
      ? `lost to ${rival.experienceId}${rival.department === undefined ? "" : ` of ${rival.department}`}: priority ${rounded(rival.own)} against ${rounded(rival.priority)}`
      : `was held back at ${first?.stage ?? "a stage"}: ${explained?.why ?? reasonsInWords(candidate.reasons)}`;
  return {
    state: "no",
    says: `on ${decidedInWords(decision)} it ${lost}`,
    details: [
      ...places.map((touch) => `a place was taken by ${touchInWords(touch, decision)}`),
      ...(rival && first?.code !== "lower_priority" ? [`${rival.experienceId} won instead`] : []),
    ],
    ...(explained ? { change: phrase(explained.change) } : {}),
    ask: askAbout(first, { look, rival, places }, context),
    ...(rival ? { rival } : {}),
    ...(first ? { heldBy: { stage: first.stage ?? "arbitration", code: first.code } } : {}),
  };
}

function rivalOf({ decision, candidate }: LookedAt, { policy }: FunnelRungContext): Rival | undefined {
  const { experienceId, decisionId } = decision;
  if (experienceId === undefined || experienceId === candidate.experienceId) return undefined;
  const department = experienceOf(policy, experienceId)?.department;
  const winner = decision.candidates.find(({ verdict }) => verdict === "chosen");
  const own = candidate.score ?? candidate.wouldScore;
  return {
    experienceId,
    decisionId,
    ...(department === undefined ? {} : { department }),
    ...(winner?.score ? { priority: winner.score.priority } : {}),
    ...(own ? { own: own.priority } : {}),
  };
}

/** The contacts that filled a cap at the time of a decision. */
function takenBy({ detail = "" }: Reason, { decidedAt }: Decision, { policy, customer }: FunnelRungContext): readonly Touch[] {
  const cap = policy.governance.caps.find(({ id }) => detail.startsWith(`${id}: `));
  if (!cap) return [];
  const at = Date.parse(decidedAt);
  return customer.touches
    .filter((touch) => touch.at <= at && at - touch.at < cap.window)
    .filter(({ channel, department }) => (cap.channel ?? channel) === channel && (cap.department ?? department) === department)
    .slice(-MAX_PLACES);
}

const MAX_PLACES = 10;

const touchInWords = ({ at, kind, channel, department }: Touch, { timezone }: Decision): string =>
  `${kind === "delivery" ? `a message by ${channel}` : `a ${kind}`}${department === undefined ? "" : ` of ${department}`} on ${timeInWords(iso(at), timezone.name)}`;

interface Held {
  readonly look: LookedAt;
  readonly rival: Rival | undefined;
  readonly places: readonly Touch[];
}

/** The one who can say more about a reason: the rival's department, the promise's owner, the owner of the contacts under a cap, or the author. */
function askAbout(reason: Reason | undefined, { rival, places }: Held, { experience, policy }: FunnelRungContext): Ask {
  const { code = "eligible", detail = "" } = reason ?? {};
  const own = (about: string): Ask => askDepartment(policy, experience.department, about);
  switch (code) {
    case "lower_priority":
      return askDepartment(policy, rival?.department, `why ${rival?.experienceId ?? "the winner"} weighs more`);
    case "promise_open":
      return askPromiseOwner(detail, policy);
    case "cap_reached":
      return askDepartment(policy, places.at(-1)?.department ?? experience.department, `the cap ${detail.split(":")[0]}, and who used it`);
    case "suppressed":
    case "human_takeover":
      return own(`governance.suppress in sentient.yaml${detail === "" ? "" : `: ${detail}`}`);
    case "consent_missing":
    case "consent_revoked":
      return own("consent: only the customer can give it");
    case "no_channel":
      return own("an address of the customer");
    case "fact_missing":
    case "fact_stale":
    case "fact_conflict":
      return own(`the source of ${detail.split(/[ :]/)[0]}`);
    case "approval_rejected":
      return { ...own("the answer of the approver"), queue: "approvals" };
    case "below_min_propensity":
      return own("governance.minPropensity in sentient.yaml");
    default:
      return own(`the rules of ${experience.id} in ${experience.source.file}`);
  }
}

/** A promise's reason reads `reply, owed by service`. */
function askPromiseOwner(detail: string, policy: Policy): Ask {
  const [, name = "the promise", owner] = /^(.+), owed by (.+)$/.exec(detail) ?? [];
  return { ...(owner === undefined ? {} : { ...askDepartment(policy, owner, ""), queue: owner }), about: `the promise ${name}` };
}

/** A sentence as a part of another one. */
const phrase = (sentence: string): string => sentence.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()).replace(/\.$/, "");

const reasonsInWords = (reasons: readonly Reason[]): string =>
  [...new Set(reasons.map(({ code, detail }) => detail ?? code))].join("; ") || "no reason is recorded";

const rounded = (value: number | undefined): string => (value === undefined ? "?" : String(Math.round(value * 1000) / 1000));
