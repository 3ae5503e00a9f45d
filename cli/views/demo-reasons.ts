import type { Touch } from "../../domain/customer.ts";
import type { Decision, Reason, ReasonCode } from "../../domain/decision.ts";
import { experienceOf, type Policy } from "../../domain/policy.ts";
import { DAY, HOUR, type Instant, parseDuration, parseInstant, utcOf } from "../../domain/time.ts";
import { localTime } from "../../domain/zone.ts";
import type { Message, Occasion } from "./demo-compare.ts";

/** Whom it is about, for saying it like a person. */
export interface About {
  readonly policy: Policy;
  readonly firstName: string;
  readonly touches: readonly Touch[];
}

/** Why a message did not go when its department would have sent it, in the words of a person. */
export function whyNot({ alone, last }: Message, about: About): string {
  if (!alone) return "";
  const first = inWords(alone, about);
  const weighty = mainReason(alone.reasons);
  if (!last || !TIMED.includes(weighty?.code ?? "eligible") || mainReason(last.reasons)?.code === weighty?.code) return first;
  return `${first}; then ${inWords(last, about)}`;
}

/** The kind of reason, for counting. */
export function kindOf({ alone }: Message): string {
  const reason = alone && mainReason(alone.reasons);
  if (!reason) return "";
  return reason.code === "suppressed" ? plain(reason) : (KINDS[reason.code] ?? reason.code);
}

/** `3 September`, in a zone. */
export function dayOf(at: Instant, zone: string): string {
  const { day, month } = localTime(at, zone);
  return `${day} ${MONTHS[month - 1]}`;
}

/** `today`, `yesterday`, `3 days ago`: by the calendar of a zone. */
export function ago(at: Instant, now: Instant, zone: string): string {
  const days = Math.round((utcOf(localTime(now, zone)) - utcOf(localTime(at, zone))) / DAY);
  if (days <= 0) return "earlier that day";
  return days === 1 ? "the day before" : `${days} days before`;
}

// --- internal ---

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const TIMED: readonly ReasonCode[] = ["cap_reached", "quiet_hours", "limit_reached", "lower_priority", "promise_open"];

/** Of several reasons of one stage, the one that a person would give. */
const WEIGHT: readonly ReasonCode[] = [
  "suppressed",
  "promise_open",
  "consent_revoked",
  "fact_conflict",
  "fact_stale",
  "approval_required",
  "cap_reached",
  "quiet_hours",
  "limit_reached",
  "lower_priority",
];

const KINDS: Partial<Record<ReasonCode, string>> = {
  cap_reached: "enough contacts already, visits and calls counted",
  promise_open: "something is owed to the customer first",
  consent_revoked: "the customer has said no to the channel",
  fact_conflict: "two systems disagree about what it states",
  fact_stale: "what it states is out of date",
  approval_required: "a human has to say yes first",
  quiet_hours: "it was night where the customer lives",
  limit_reached: "sent before, and not due again",
  lower_priority: "one thing at a time: another mattered more",
};

function mainReason(reasons: readonly Reason[]): Reason | undefined {
  const rank = ({ code }: Reason) => (WEIGHT.includes(code) ? WEIGHT.indexOf(code) : WEIGHT.length);
  const latest = ({ retryAt = "" }: Reason) => retryAt;
  return [...reasons].sort((a, b) => rank(a) - rank(b) || (latest(a) < latest(b) ? 1 : -1))[0];
}

function inWords({ reasons, decision, at }: Occasion, about: About): string {
  const reason = mainReason(reasons);
  if (!reason) return "";
  const { detail = "", code } = reason;
  const { firstName } = about;
  switch (code) {
    case "cap_reached":
      return usedUp(detail, at, decision, about);
    case "promise_open":
      return owed(detail, firstName);
    case "consent_revoked":
      return `${firstName} has said no to ${reason.channel ?? "this channel"}`;
    case "fact_conflict":
      return `${lastName(detail.split(":")[0] ?? "")}: ${detail.replace(/^[^:]*: /, "").replace(/ \([^)]*\)/g, "")}`;
    case "fact_stale":
      return outOfDate(detail);
    case "approval_required":
      return `${plain(reason)}: a human has to say yes`;
    case "quiet_hours":
      return `it was ${clockOf(at, decision.timezone.name)} for ${firstName}`;
    case "lower_priority":
      return outdone(decision, about.policy);
    default:
      return plain(reason);
  }
}

/** A reason as the policy's author wrote it, without how long it holds. */
const plain = ({ detail = "", code }: Reason): string => (detail === "" ? code : detail.replace(/, for \d+[smhd]$/, ""));

const owed = (detail: string, firstName: string): string => {
  const [promise = "", owner = ""] = detail.split(", owed by ");
  return `${owner} owes ${firstName} the ${promise.replaceAll("_", " ")} first`;
};

const lastName = (path: string): string => path.split(".").at(-1) ?? path;

function outOfDate(detail: string): string {
  const [, path = "", age = ""] = /^(\S+) is (\w+) old/.exec(detail) ?? [];
  return `the ${lastName(path)} is ${Math.floor((parseDuration(age) ?? 0) / DAY)} days old`;
}

function outdone({ experienceId = "" }: Decision, policy: Policy): string {
  const winner = experienceOf(policy, experienceId);
  const isTask = winner?.routes.some(({ channel }) => policy.channels[channel]?.kind === "human");
  return isTask ? "a human takes this one" : `“${winner?.name}” came first`;
}

function clockOf(at: Instant, zone: string): string {
  const { hour, minute } = localTime(at, zone);
  return `${hour}:${String(minute).padStart(2, "0")}`;
}

/** `Dana came by 2 days before and had a call the day before: the 2 contacts of this week are used up`. */
function usedUp(detail: string, at: Instant, { timezone }: Decision, { policy, touches, firstName }: About): string {
  const cap = policy.governance.caps.find(({ id }) => detail.startsWith(`${id}:`));
  if (!cap) return detail;
  const counted = touches.filter(
    (touch) =>
      touch.at <= at &&
      at - touch.at < cap.window &&
      (cap.channel === undefined || cap.channel === touch.channel) &&
      (cap.department === undefined || cap.department === touch.department),
  );
  const felt = counted.slice(-cap.max).map((touch) => `${FELT[touch.kind]} ${ago(touch.at, at, timezone.name)}`);
  const whose = cap.department === undefined ? "" : ` of ${cap.department}`;
  return `${firstName} ${felt.join(" and ")}: ${enough(cap.max, cap.window)}${whose}`;
}

const FELT: Readonly<Record<Touch["kind"], string>> = {
  visit: "came by",
  call: "had a call",
  chat: "chatted with us",
  delivery: "heard from us",
};

function enough(max: number, windowMs: number): string {
  if (windowMs <= DAY) return max === 1 ? "one contact a day is enough" : `${max} contacts a day are enough`;
  const period = windowMs === 7 * DAY ? "the week" : windowMs === 30 * DAY ? "the month" : `${Math.round(windowMs / DAY)} days`;
  return `the ${max} contacts of ${period} are used up`;
}

/** `2 days later`, `3 hours later`. */
export function laterBy(from: Instant, to: Instant): string {
  const hours = Math.max(1, Math.round((to - from) / HOUR));
  if (hours < 36) return hours === 1 ? "an hour later" : `${hours} hours later`;
  return `${Math.round(hours / 24)} days later`;
}

export const instantOf = (time: string | undefined): Instant => parseInstant(time ?? "") ?? 0;
