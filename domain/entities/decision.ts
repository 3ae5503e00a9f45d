import { z } from "zod";
import { DELIVERY_STATUSES } from "./customer.ts";

export const ACTIONS = ["deliver", "defer", "await_approval", "withhold", "silence"] as const;
export type DecisionAction = (typeof ACTIONS)[number];

export const REASON_CODES = [
  "eligible",
  "ineligible",
  "not_applicable",
  "not_suitable",
  "judge_declined",
  "judge_unavailable",
  "fact_missing",
  "fact_stale",
  "fact_conflict",
  "consent_missing",
  "consent_revoked",
  "suppressed",
  "promise_open",
  "cap_reached",
  "limit_reached",
  "quiet_hours",
  "better_time",
  "no_channel",
  "lower_priority",
  "below_min_propensity",
  "approval_required",
  "approval_rejected",
  "holdout",
  "moment_expired",
  "goal_met",
  "human_takeover",
  "budget_spent",
  "content_rejected",
  "dismissed",
  "given",
  "hold_over",
  "released",
  "canary",
  "canary_stopped",
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Stages of the funnel, in order. A candidate stops at the first stage that fails. */
export const STAGES = [
  "canary",
  "eligibility",
  "applicability",
  "suitability",
  "judge",
  "facts",
  "consent",
  "suppression",
  "timing",
  "arbitration",
  "propensity",
  "approval",
  "holdout",
] as const;
export type Stage = (typeof STAGES)[number];

const instant = z.iso.datetime();

export const Reason = z.object({
  code: z.enum(REASON_CODES),
  stage: z.enum(STAGES).optional(),
  decidedBy: z.enum(["rule", "model", "agent", "human"]),
  detail: z.string().optional(),
  /** Beside `needs`, where it differs from `detail`: the author's reason alone; empty where there is none. */
  headline: z.string().optional(),
  /** Of a condition: the changes that together lift the reason, in words, and what holds instead at the time of the decision. */
  needs: z
    .array(z.object({ wanted: z.string(), today: z.string().optional() }).readonly())
    .readonly()
    .optional(),
  /** The channel concerned, where an experience has several. */
  channel: z.string().optional(),
  /** The variant concerned, where the reason holds for one of several. */
  variant: z.string().optional(),
  /** Time from which the reason no longer holds; missing where time alone does not resolve it. */
  retryAt: instant.optional(),
});
export type Reason = z.infer<typeof Reason>;

export const Score = z.object({ priority: z.number(), P: z.number(), C: z.number(), V: z.number(), L: z.number() });
export type Score = z.infer<typeof Score>;

export const Candidate = z.object({
  experienceId: z.string(),
  moment: z.string(),
  verdict: z.enum(["chosen", "eligible", "ineligible"]),
  /** It competes as a canary, for the customers in its share. */
  canary: z.literal(true).optional(),
  channel: z.string().optional(),
  /** What the channel says, where the experience has several ways to say it. */
  variant: z.string().optional(),
  score: Score.optional(),
  /** For a stopped candidate: the score it would have had. */
  wouldScore: Score.optional(),
  reasons: z.array(Reason),
  /**
   * Of the chosen candidate, and of every ranked one with variants: expected success of each eligible channel and variant, in the author's
   * order.
   */
  channels: z.array(z.object({ channel: z.string(), variant: z.string().optional(), P: z.number() })).optional(),
  /** Why its other channels were ruled out. */
  otherChannels: z.array(Reason).optional(),
});
export type Candidate = z.infer<typeof Candidate>;

/** Candidates that had no room in the record, by what stopped them; at most 20 of their ids. */
export const OtherCandidates = z.object({
  stage: z.enum(STAGES),
  code: z.enum(REASON_CODES),
  count: z.int(),
  experiences: z.array(z.string()),
});
export type OtherCandidates = z.infer<typeof OtherCandidates>;

export const StatedFact = z.object({
  value: z.unknown(),
  source: z.string(),
  at: instant,
  /** On a task: the fact is stale or disputed, its age, and what other sources say. */
  doubt: z.string().optional(),
});
export type StatedFact = z.infer<typeof StatedFact>;

export const DeliveryRecord = z.object({
  deliveryId: z.string(),
  channel: z.string(),
  variant: z.string().optional(),
  /** Where the content is written in several languages: the tag used, or `default`. */
  locale: z.string().optional(),
  to: z.string().optional(),
  status: z.enum(DELIVERY_STATUSES),
  /** Why it was stopped, failed or is uncertain. */
  reason: z.string().optional(),
  /** True where a run without `--live` recorded the message instead of sending it. */
  recorded: z.boolean().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
  facts: z.record(z.string(), StatedFact),
  action: z.record(z.string(), z.unknown()).optional(),
});
export type DeliveryRecord = z.infer<typeof DeliveryRecord>;

export const WakeRecord = z.union([
  z.object({ kind: z.literal("signal"), signalId: z.string(), source: z.string(), type: z.string() }),
  z.object({ kind: z.literal("timer"), name: z.string(), due: instant }),
  z.object({ kind: z.literal("ask"), askId: z.string(), source: z.string(), channel: z.string(), place: z.string() }),
]);
export type WakeRecord = z.infer<typeof WakeRecord>;

export const MomentRecord = z.object({
  name: z.string(),
  openedAt: instant,
  expiresAt: instant,
  urgency: z.number(),
  confidence: z.number(),
  decidedBy: z.enum(["rule", "model", "agent", "human"]),
});
export type MomentRecord = z.infer<typeof MomentRecord>;

/**
 * The customer's group in the holdout, where the holdout measures the experience that won: what is compared is decisions of one
 * experience, share and period. `period` is a month like `2026-06`, or `ever`.
 */
export const HoldoutRecord = z.object({
  group: z.enum(["withheld", "treated"]),
  share: z.number(),
  period: z.string(),
  departments: z.array(z.string()).readonly().optional(),
});
export type HoldoutRecord = z.infer<typeof HoldoutRecord>;

/** The result of one wake for one customer. Self-contained: the record alone explains it. */
export const Decision = z.object({
  decisionId: z.string(),
  runId: z.string(),
  customerId: z.string(),
  decidedAt: instant,
  wake: WakeRecord,
  action: z.enum(ACTIONS),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  variant: z.string().optional(),
  until: instant.optional(),
  /** Of this action, experience, channel, variant and hour, over all draws. */
  probability: z.number(),
  /** While exploring, of a winner whose hour was looked at: the hour drawn for it (its start, or now), and the probability of drawing it. */
  hour: z.object({ at: instant, probability: z.number() }).optional(),
  /** The customer's stage; missing where the workspace has no stages, or none holds. */
  stage: z.string().optional(),
  /** Of an answer that gives what the place was given before: the delivery of that. */
  again: z.literal(true).optional(),
  deliveryId: z.string().optional(),
  /** Only of `deliver` and `withhold`. */
  holdout: HoldoutRecord.optional(),
  /** Zone used for days and hours, whether it is the customer's own, and the record's value where that is not a known zone. */
  timezone: z.object({ name: z.string(), from: z.enum(["customer", "workspace"]), unknown: z.string().optional() }),
  moments: z.array(MomentRecord),
  candidates: z.array(Candidate),
  /** Only where all candidates would not fit into the record. */
  others: z.array(OtherCandidates).optional(),
  reasons: z.array(Reason),
  deliveries: z.array(DeliveryRecord),
  policyVersion: z.string(),
  supersedes: z.string().optional(),
});
export type Decision = z.infer<typeof Decision>;

/** A decision before its deliveries: those are rows of their own, joined when the record is read. */
export type DecisionDraft = Omit<Decision, "deliveries" | "runId">;
