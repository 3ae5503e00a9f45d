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
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** The funnel, in its order. A candidate stops at the first stage that fails. */
export const STAGES = [
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
  /** The channel it speaks of, where an experience has several. */
  channel: z.string().optional(),
  /** From this instant on the reason no longer holds; missing where time alone does not lift it. */
  retryAt: instant.optional(),
});
export type Reason = z.infer<typeof Reason>;

export const Score = z.object({ priority: z.number(), P: z.number(), C: z.number(), V: z.number(), L: z.number() });
export type Score = z.infer<typeof Score>;

export const Candidate = z.object({
  experienceId: z.string(),
  moment: z.string(),
  verdict: z.enum(["chosen", "eligible", "ineligible"]),
  channel: z.string().optional(),
  score: Score.optional(),
  /** Of one that was stopped: what its score would be if nothing stood against it. */
  wouldScore: Score.optional(),
  reasons: z.array(Reason),
  /** Of the chosen one: what each channel that it could go on was expected to bring, in the author's order. */
  channels: z.array(z.object({ channel: z.string(), P: z.number() })).optional(),
  /** Why its other channels were out. */
  otherChannels: z.array(Reason).optional(),
});
export type Candidate = z.infer<typeof Candidate>;

export const StatedFact = z.object({ value: z.unknown(), source: z.string(), at: instant });
export type StatedFact = z.infer<typeof StatedFact>;

export const DeliveryRecord = z.object({
  deliveryId: z.string(),
  channel: z.string(),
  to: z.string().optional(),
  status: z.enum(DELIVERY_STATUSES),
  /** Why it was stopped, failed or is uncertain. */
  reason: z.string().optional(),
  /** True where a run without `--live` kept the message instead of sending it. */
  recorded: z.boolean().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
  facts: z.record(z.string(), StatedFact),
  action: z.record(z.string(), z.unknown()).optional(),
});
export type DeliveryRecord = z.infer<typeof DeliveryRecord>;

export const WakeRecord = z.union([
  z.object({ kind: z.literal("signal"), signalId: z.string(), source: z.string(), type: z.string() }),
  z.object({ kind: z.literal("timer"), name: z.string(), due: instant }),
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

/** The answer of one wake for one customer. It explains itself: nothing else is needed to say why. */
export const Decision = z.object({
  decisionId: z.string(),
  runId: z.string(),
  customerId: z.string(),
  decidedAt: instant,
  wake: WakeRecord,
  action: z.enum(ACTIONS),
  experienceId: z.string().optional(),
  channel: z.string().optional(),
  until: instant.optional(),
  probability: z.number(),
  /** The zone that days and hours were read in, whether it is the customer's own, and what her record says where nobody knows that. */
  timezone: z.object({ name: z.string(), from: z.enum(["customer", "workspace"]), unknown: z.string().optional() }),
  moments: z.array(MomentRecord),
  candidates: z.array(Candidate),
  reasons: z.array(Reason),
  deliveries: z.array(DeliveryRecord),
  policyVersion: z.string(),
  supersedes: z.string().optional(),
});
export type Decision = z.infer<typeof Decision>;

/** Before any delivery is carried out; the deliveries are rows of their own and are joined when the record is read. */
export type DecisionDraft = Omit<Decision, "deliveries" | "runId">;
