import type { ReasonCode } from "../../domain/entities/decision.ts";

/** The meaning of each reason code, in a few words that follow "held back:". */
export const REASONS: Readonly<Record<ReasonCode, string>> = {
  eligible: "nothing stood against it",
  ineligible: "the customer is not eligible",
  not_applicable: "it is about something else",
  not_suitable: "it does not suit the customer now",
  judge_declined: "the judge declined it",
  judge_unavailable: "the judge could not be asked",
  fact_missing: "a fact is missing",
  fact_stale: "a fact is too old",
  fact_conflict: "sources disagree about a fact",
  consent_missing: "there is no consent",
  consent_revoked: "consent was withdrawn",
  suppressed: "another rule suppresses it",
  promise_open: "a promise to the customer comes first",
  cap_reached: "the limit of contacts is reached",
  limit_reached: "its own limit is reached",
  quiet_hours: "it is in quiet hours",
  better_time: "a better hour is coming",
  no_channel: "no channel is open to it",
  lower_priority: "something else mattered more",
  below_min_propensity: "success was too unlikely",
  approval_required: "a person has to approve it",
  approval_rejected: "a person rejected it",
  holdout: "the customer is in the control group",
  moment_expired: "its moment is over",
  goal_met: "its goal is met already",
  human_takeover: "a person has taken over",
  budget_spent: "its budget is spent",
  content_rejected: "its text was not good enough",
  dismissed: "the customer put it away",
  given: "it is given elsewhere in the same answer",
  hold_over: "the tool that asked did not confirm it in time",
  released: "the tool that asked does not send it",
  canary: "it is tried on other customers first",
  canary_stopped: "it was stopped while it was tried",
};

/** The words of a code; of one that is not known here, the code as words. */
export const reasonWords = (code: string): string =>
  Object.hasOwn(REASONS, code) ? REASONS[code as ReasonCode] : code.replaceAll("_", " ");
