import type { Touch } from "../../domain/entities/customer.ts";
import type { Decision, Reason, ReasonCode } from "../../domain/entities/decision.ts";
import { experienceOf, type Policy } from "../../domain/entities/policy.ts";
import type { Message, Occasion } from "../../domain/story/compare-departments.ts";
import { DAY, HOUR, type Instant, parseDuration, utcOf } from "../../domain/values/time.ts";
import { localTime } from "../../domain/values/zone.ts";

/** The customer, for wording in everyday language. */
export interface About {
  readonly policy: Policy;
  readonly firstName: string;
  readonly touches: readonly Touch[];
  readonly messages: readonly Message[];
}

/** Why a message was not sent when its department would have sent it, in everyday language. */
export function whyNot({ experienceId, alone, last }: Message, about: About): string {
  if (!alone) return "";
  const first = inWords(alone, experienceId, about);
  const [before, after] = [mainReason(alone.reasons), last && mainReason(last.reasons)];
  // Messages that first waited, and then had a reason not to be sent at all.
  if (!last || !before || !after || !PASSING.includes(before.code) || PASSING.includes(after.code)) return first;
  return `${first}; then ${inWords(last, experienceId, about)}`;
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

/** `21:40`, in a zone. */
export function clockOf(at: Instant, zone: string): string {
  const { hour, minute } = localTime(at, zone);
  return `${hour}:${String(minute).padStart(2, "0")}`;
}

/** `2 days`, `an hour`. */
export function lengthOf(from: Instant, to: Instant): string {
  const hours = Math.max(1, Math.round((to - from) / HOUR));
  if (hours < 36) return hours === 1 ? "an hour" : `${hours} hours`;
  return `${Math.round(hours / 24)} days`;
}

// --- internal ---

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const PASSING: readonly ReasonCode[] = ["cap_reached", "quiet_hours", "limit_reached", "lower_priority", "promise_open"];

/** The most natural of several reasons of one stage. */
const WEIGHT: readonly ReasonCode[] = [
  "promise_open",
  "suppressed",
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
  cap_reached: "enough contacts already",
  promise_open: "something is owed first",
  consent_revoked: "said no to the channel",
  fact_conflict: "two systems disagree on a fact",
  fact_stale: "a fact in it is out of date",
  approval_required: "a human has to say yes",
  quiet_hours: "it was night",
  limit_reached: "it went out not long ago",
  lower_priority: "another message came first",
};

function mainReason(reasons: readonly Reason[]): Reason | undefined {
  const rank = ({ code }: Reason) => (WEIGHT.includes(code) ? WEIGHT.indexOf(code) : WEIGHT.length);
  const latest = ({ retryAt }: Reason) => (retryAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(retryAt));
  return [...reasons].sort((a, b) => rank(a) - rank(b) || (latest(a) < latest(b) ? 1 : -1))[0];
}

function inWords({ reasons, decision, at }: Occasion, experienceId: string, about: About): string {
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
    case "limit_reached":
      return sentBefore(experienceId, at, decision.timezone.name, about) ?? plain(reason);
    case "lower_priority":
      return outdone(decision, about.policy);
    default:
      return plain(reason);
  }
}

/** A reason in the wording of the policy's author, without its duration. */
const plain = ({ detail = "", code }: Reason): string => (detail === "" ? code : detail.replace(/, for \d+[smhd]$/, ""));

const owed = (detail: string, firstName: string): string => {
  const [promise = "", owner = ""] = detail.split(", owed by ");
  return `${owner} owes ${firstName} the ${promise.replaceAll("_", " ")} first`;
};

function sentBefore(experienceId: string, at: Instant, zone: string, { messages }: About): string | undefined {
  const before = messages.flatMap(({ experienceId: id, sent }) => (id === experienceId && sent && sent.at < at ? [sent.at] : []));
  return before.length === 0 ? undefined : `went out on ${dayOf(Math.max(...before), zone)}, and once is enough`;
}

const lastName = (path: string): string => path.split(".").at(-1) ?? path;

function outOfDate(detail: string): string {
  const [, path = "", age = ""] = /^(\S+) is (\w+) old/.exec(detail) ?? [];
  return `the ${lastName(path)} is ${Math.floor((parseDuration(age) ?? 0) / DAY)} days old`;
}

function outdone({ experienceId = "" }: Decision, policy: Policy): string {
  const winner = experienceOf(policy, experienceId);
  const isTask = winner?.routes.some(({ channel }) => policy.channels[channel]?.makesTask);
  return isTask ? "a human takes this one" : `“${winner?.name}” came first`;
}

/** `Dana came by 2 days before and had a call the day before; the week's 2 contacts are used up`. */
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
  const scope = cap.department === undefined ? "" : ` for ${cap.department}`;
  return `${firstName} ${felt.join(" and ")}; ${enough(cap.max, cap.window)}${scope}`;
}

const FELT: Readonly<Record<Touch["kind"], string>> = {
  visit: "came by",
  call: "had a call",
  chat: "chatted with us",
  delivery: "heard from us",
};

function enough(max: number, windowMs: number): string {
  if (windowMs <= DAY) return max === 1 ? "one contact a day is enough" : `${max} contacts a day are enough`;
  const period = windowMs === 7 * DAY ? "the week's" : windowMs === 30 * DAY ? "the month's" : `the ${Math.round(windowMs / DAY)} days'`;
  return `${period} ${max} contacts are used up`;
}

/** By the calendar of a time zone. */
function ago(at: Instant, now: Instant, zone: string): string {
  const days = Math.round((utcOf(localTime(now, zone)) - utcOf(localTime(at, zone))) / DAY);
  if (days <= 0) return "earlier that day";
  return days === 1 ? "the day before" : `${days} days before`;
}
