import { wordsOf } from "../entities/content-words.ts";
import type { Candidate, Decision, DeliveryRecord, Reason, ReasonCode } from "../entities/decision.ts";
import { languageName } from "../values/language-tag.ts";
import { byTime, DAY, formatTimeOfDay, parseInstant } from "../values/time.ts";
import { localTime } from "../values/zone.ts";
import { DEFAULT_LOCALE } from "./locale.ts";

/** A decision in words: what was done and why, why not each other candidate, and what would have changed it. */
export interface Explanation {
  readonly headline: string;
  readonly why: readonly string[];
  readonly others: readonly { readonly experienceId: string; readonly why: string; readonly change: string }[];
  /** The smallest change that would have let another candidate win; missing where there is no other. */
  readonly smallestChange?: string;
}

/** One candidate of a decision in words. */
export interface ExplainedCandidate {
  readonly experienceId: string;
  readonly verdict: Candidate["verdict"];
  readonly why: string;
  /** Missing for the one that was chosen. */
  readonly change?: string;
}

/** Explains one candidate; undefined where the record does not have it whole. */
export function explainCandidate(decision: Decision, experienceId: string): ExplainedCandidate | undefined {
  const candidate = decision.candidates.find((one) => one.experienceId === experienceId);
  if (!candidate) return undefined;
  const { verdict } = candidate;
  if (verdict === "chosen") return { experienceId, verdict, why: reasoning(decision) };
  const why = sentence(allInWords(candidate.reasons, decision));
  return { experienceId, verdict, why, change: sentence(changeFor(candidate, decision, "beside its reasons")) };
}

/** Explains a decision from its record alone. */
export function explain(decision: Decision): Explanation {
  const others = decision.candidates.filter(({ verdict }) => verdict !== "chosen");
  const smallest = smallestChange(decision, others);
  return {
    headline: headline(decision),
    why: [
      occasion(decision),
      reasoning(decision),
      ...countedOnly(decision),
      ...decision.deliveries.flatMap((delivery) => told(delivery, decision)),
    ],
    others: others.map((candidate) => ({
      experienceId: candidate.experienceId,
      why: allInWords(candidate.reasons, decision),
      change: sentence(changeFor(candidate, decision, "beside its reasons")),
    })),
    ...(smallest === undefined ? {} : { smallestChange: smallest }),
  };
}

/** `1 June 2026, 10:00 (America/Chicago)`. */
export function timeInWords(time: string, zone: string): string {
  return `${minuteOf(time, zone)} (${zone})`;
}

// --- internal ---

function headline({ action, customerId, experienceId = "", channel = "", until, decidedAt, timezone, deliveries }: Decision): string {
  const at = when(decidedAt, timezone.name);
  const failed = deliveries.find(({ status }) => !["reserved", "sending", "sent", "delivered"].includes(status));
  switch (action) {
    case "deliver":
      if (failed)
        return `${at}: ${experienceId} was to go to ${customerId} by ${channel}, and was ${failed.status}${failed.reason === undefined ? "" : ` (${failed.reason})`}.`;
      if (deliveries.some(({ recorded }) => recorded))
        return `${at}: ${experienceId} for ${customerId} by ${channel} was recorded, not sent.`;
      return `${at}: ${experienceId} went to ${customerId} by ${channel}.`;
    case "defer":
      return `${at}: ${experienceId} for ${customerId} waits until ${until === undefined ? "later" : when(until, timezone.name)}, then everything is judged again.`;
    case "await_approval":
      return `${at}: ${experienceId} for ${customerId} waits for a human to approve it.`;
    case "withhold":
      return `${at}: ${experienceId} was right for ${customerId}, and was withheld on purpose.`;
    case "silence":
      return `${at}: nothing was sent to ${customerId}.`;
  }
}

function causeOf(wake: Decision["wake"]): string {
  if (wake.kind === "ask") return `${wake.channel} asked for ${wake.place} (ask ${wake.askId} of ${wake.source})`;
  return wake.kind === "signal" ? `The signal ${wake.type} arrived from ${wake.source}` : `The timer ${wake.name} was due`;
}

function occasion({ wake, moments, timezone, stage }: Decision): string {
  const cause = causeOf(wake);
  const open = moments.map(({ name, openedAt, expiresAt }) => `${name} (${spanOf(openedAt, expiresAt, timezone.name)})`);
  const unknown =
    timezone.unknown === undefined
      ? ""
      : ` The customer's time zone ${JSON.stringify(timezone.unknown)} is unknown; the workspace's, ${timezone.name}, is used.`;
  const stands = stage === undefined ? "" : ` The customer's stage was ${stage}.`;
  return `${cause}. Open at that time: ${open.join(", ")}.${stands}${unknown}`;
}

function reasoning(decision: Decision): string {
  const { action, candidates, reasons, probability, others = [] } = decision;
  const chosen = candidates.find(({ verdict }) => verdict === "chosen");
  const count = others.reduce((sum, other) => sum + other.count, candidates.length);
  const looked = `${count} ${count === 1 ? "experience was" : "experiences were"} looked at`;
  if (!chosen)
    return candidates.length === 0 ? `${sentence(reasons.map(({ detail = "" }) => detail).join("; "))}` : `${looked}, and none could go.`;
  const { score } = chosen;
  const won = score
    ? `${chosen.experienceId} had the highest priority: ${number(score.priority)} = ${number(score.P)} (expected success) × ${number(score.C)} (context) × ${number(score.V)} (value) × ${number(score.L)} (lever)`
    : `${chosen.experienceId} won`;
  const chance = probability < 1 ? ` Its chance of being chosen was ${number(probability)}.` : "";
  const held = action === "deliver" ? "" : ` ${sentence(chosen.reasons.map((reason) => inWords(reason, decision)).join("; "))}`;
  return `${looked}; ${won}.${channelReason(chosen)}${held}${chance}`;
}

/** Candidates that the record only counts, by what stopped them. */
function countedOnly({ others = [] }: Decision): string[] {
  const groups = others.map(({ code, count, experiences }) => {
    const more = count > experiences.length ? ` and ${count - experiences.length} more` : "";
    return `${count} because ${MEANINGS[code]} (${experiences.join(", ")}${more})`;
  });
  return groups.length === 0 ? [] : [`Not told one by one: ${groups.join("; ")}.`];
}

/** Why this channel, and this variant: the one with the highest expected success; on a tie, the one its author names first. */
function channelReason({ channel, variant, channels = [] }: Candidate): string {
  const own = channels.find((one) => one.channel === channel && one.variant === variant);
  const others = channels.filter((one) => one !== own);
  if (!own || others.length === 0) return "";
  const areVariants = others.every((one) => one.channel === channel);
  const nameOf = (one: (typeof channels)[number]): string => (areVariants ? (one.variant ?? "") : wayInWords(one.channel, one.variant));
  const list = others.map((one) => `${number(one.P)} of ${nameOf(one)}`).join(" and ");
  const isTie = others.some(({ P }) => P === own.P);
  return ` Its ${areVariants ? "variant" : "channel"} is ${nameOf(own)}, with an expected success of ${number(own.P)} against ${list}${isTie ? ": of equals, the one its author names first" : ""}.`;
}

/** `email`, or `email (variant story)`. */
const wayInWords = (channel: string, variant: string | undefined): string =>
  variant === undefined ? channel : `${channel} (variant ${variant})`;

function told({ facts, content, channel, variant, locale, recorded }: DeliveryRecord, { timezone }: Decision): string[] {
  const text = content && wordsOf(content);
  const language =
    locale === undefined ? "" : locale === DEFAULT_LOCALE ? ", in the default language" : `, in ${languageName(locale)} (${locale})`;
  const said = text === undefined ? [] : [`It said by ${wayInWords(channel, variant)}${language}: “${text}”.`];
  const stated = Object.entries(facts).map(
    ([path, { value, source, at, doubt }]) =>
      `${path} = ${JSON.stringify(value)} (${source}, ${day(at, timezone.name)}${doubt === undefined ? "" : `: it ${doubt}`})`,
  );
  return [
    ...said,
    ...(stated.length > 0 ? [`Facts it rests on: ${stated.join("; ")}.`] : []),
    ...(recorded ? ["It was recorded, not sent: this was a run without --live."] : []),
  ];
}

/** Meaning of each code for readers who do not know the codes. */
const MEANINGS: Readonly<Record<ReasonCode, string>> = {
  eligible: "nothing stood against it",
  ineligible: "law or policy rules it out",
  not_applicable: "it makes no sense now",
  not_suitable: "it is not right for this customer",
  judge_declined: "the criterion in plain words was judged not to hold",
  judge_unavailable: "its criterion in plain words could not be judged",
  fact_missing: "a fact it would state is not known",
  fact_stale: "a fact it would state is too old to rely on",
  fact_conflict: "sources disagree about a fact it would state",
  consent_missing: "there is no consent for the channel",
  consent_revoked: "the customer has refused the channel",
  suppressed: "it is suppressed",
  promise_open: "a promise is open, and until it is kept this department is quiet",
  cap_reached: "the customer has had enough contacts",
  limit_reached: "its own limit is used up",
  quiet_hours: "it is quiet time for the customer",
  better_time: "a better hour is coming",
  no_channel: "the customer cannot be reached on the channel",
  lower_priority: "something else mattered more",
  below_min_propensity: "it is too unlikely to help",
  approval_required: "a human has to approve it first",
  approval_rejected: "a human said no",
  holdout: "the customer belongs to the share that gets nothing, so that the effect can be measured",
  moment_expired: "its moment was over",
  goal_met: "what it is for has happened already",
  human_takeover: "a human has taken over",
  budget_spent: "the budget is spent",
  content_rejected: "its text could not be written",
  dismissed: "the customer put it away",
  given: "it is given elsewhere in the same answer",
  hold_over: "the tool that asked did not confirm it in time",
  released: "the tool that asked does not send it",
  canary: "it is tried on other customers first",
  canary_stopped: "it was stopped while it was tried",
};

/** Reasons in words; one that holds several channels is told once, and so is one that ends at several times: at the latest. */
function allInWords(given: readonly Reason[], decision: Decision): string {
  const said = ({ code, headline, detail }: Reason): string => JSON.stringify([code, headline ?? detail]);
  const lasts = ({ retryAt }: Reason, other: Reason): boolean =>
    other.retryAt === undefined || retryAt === undefined || byTime(retryAt, other.retryAt) >= 0;
  const reasons = given.filter((one) =>
    given.every((other) => other.channel !== one.channel || said(other) !== said(one) || lasts(one, other)),
  );
  const bare = (reason: Reason): string => JSON.stringify([said(reason), reason.retryAt]);
  const firsts = reasons.filter((one, place) => reasons.findIndex((other) => bare(other) === bare(one)) === place);
  return firsts
    .map((one) => {
      const channels = [...new Set(reasons.filter((other) => bare(other) === bare(one)).flatMap(({ channel }) => channel ?? []))];
      return inWords(channels.length > 1 ? { ...one, channel: channels.join(" and ") } : one, decision);
    })
    .join("; ");
}

function inWords({ code, detail = "", headline = detail, channel, variant, retryAt }: Reason, { timezone }: Decision): string {
  const on = channel === undefined ? "" : `on ${wayInWords(channel, variant)}, `;
  // The change states the rest of `detail`.
  const more = headline === "" ? "" : ` (${headline})`;
  const lifted = retryAt === undefined ? "" : `, until ${when(retryAt, timezone.name)}`;
  return `${on}${MEANINGS[code]}${more}${lifted}`;
}

/** What would have to differ for a candidate to win: any of its alternatives, the easiest first. */
const changeFor = (candidate: Candidate, decision: Decision, place: Place): string =>
  [...new Set(alternativesOf(candidate, decision, place).map(({ change }) => change))].join(", or ");

/** Where a change is read: what its reasons beside it say is not said again. */
type Place = "beside its reasons" | "alone";

interface Alternative {
  readonly change: string;
  readonly effort: number;
}

/** One alternative per held channel, each including the holds of the whole experience: any other channel would do as well. */
function alternativesOf(candidate: Candidate, decision: Decision, place: Place): Alternative[] {
  const winner = decision.candidates.find(({ verdict }) => verdict === "chosen");
  const channels = [...new Set(candidate.reasons.flatMap(({ channel }) => channel ?? []))];
  return (channels.length > 0 ? channels : [undefined])
    .map((through) => candidate.reasons.filter(({ channel }) => channel === undefined || channel === through))
    .map((reasons) => alternativeFor(reasons, priorityNeeded(candidate, winner), decision, place))
    .sort((a, b) => a.effort - b.effort);
}

function alternativeFor(reasons: readonly Reason[], priority: string | undefined, { timezone }: Decision, place: Place): Alternative {
  const hard = reasons
    .filter(({ code, retryAt }) => code !== "lower_priority" && retryAt === undefined)
    .map((reason) => remedy(reason, place));
  const latest = reasons
    .flatMap(({ retryAt }) => retryAt ?? [])
    .sort(byTime)
    .at(-1);
  const waiting = latest === undefined ? [] : [`waiting until ${when(latest, timezone.name)}`];
  const change = [...new Set([...waiting, ...hard, ...(priority === undefined ? [] : [priority])])].join(" and ");
  const outbids = priority !== undefined && !reasons.some(({ code }) => code === "lower_priority");
  const efforts = reasons.map(({ code, retryAt }) => (retryAt === undefined ? (EFFORT[code] ?? 9) : 1));
  return { change: change || "nothing short of another wake", effort: efforts.reduce((sum, effort) => sum + effort, outbids ? 2 : 0) };
}

function remedy({ code, detail = "", needs, channel }: Reason, place: Place): string {
  if (needs) return needs.map(({ wanted, today }) => (today === undefined ? wanted : `${wanted} (${today})`)).join(" and ");
  const on = channel === undefined ? "" : ` on ${channel}`;
  const remedies: Partial<Record<ReasonCode, string>> = {
    consent_missing: `consent for ${channel ?? "the channel"}`,
    consent_revoked: `the customer withdrawing the refusal of ${channel ?? "the channel"}`,
    no_channel: `an address${on}`,
    fact_missing: `knowing ${detail.split(" ")[0]}`,
    fact_stale: `newer data on ${detail.split(" ")[0]}`,
    fact_conflict: `the sources agreeing on ${detail.split(":")[0]}`,
    promise_open: `the promise being kept: ${detail}`,
    suppressed: `the suppression ending: ${detail}`,
    limit_reached: `a higher limit than ${detail}`,
    cap_reached: `a higher cap than ${detail}`,
    below_min_propensity: `an expected success that is higher (${detail})`,
    approval_rejected: "a human approving it",
    goal_met: "the goal not being reached",
    judge_unavailable: "a language model that can be asked",
    judge_declined: `its criterion in plain words being met, which was judged: ${detail}`,
    budget_spent: "a larger budget for the language model",
    content_rejected: `a text that can be written: ${detail}`,
  };
  const condition = detail.startsWith(NOT_MET) ? detail.slice(NOT_MET.length) : undefined;
  if (condition !== undefined) return place === "alone" ? `its condition being met: ${condition}` : "its condition being met";
  return remedies[code] ?? `this being different: ${detail === "" ? MEANINGS[code] : detail}`;
}

/** How the detail of a condition begins that has no reason of its author. */
const NOT_MET = "not met: ";

/** Additional priority needed; undefined where the candidate would win as soon as it may compete. */
function priorityNeeded(candidate: Candidate, winner: Candidate | undefined): string | undefined {
  const own = candidate.score ?? candidate.wouldScore;
  const best = winner?.score?.priority;
  if (!own || best === undefined || own.priority > best) return undefined;
  if (own.priority === 0) return `a value above 0`;
  return `a value above ${number((own.V * best) / own.priority)} instead of ${number(own.V)}`;
}

/** Effort to resolve a reason: waiting is the least, an action of the customer the most. */
const EFFORT: Partial<Record<ReasonCode, number>> = {
  lower_priority: 2,
  quiet_hours: 1,
  cap_reached: 1,
  limit_reached: 2,
  approval_rejected: 2,
  suppressed: 3,
  promise_open: 3,
  fact_stale: 4,
  fact_missing: 4,
  fact_conflict: 4,
  content_rejected: 4,
  below_min_propensity: 5,
  not_applicable: 6,
  not_suitable: 7,
  no_channel: 7,
  consent_missing: 8,
  ineligible: 9,
  consent_revoked: 10,
  goal_met: 12,
};

function smallestChange(decision: Decision, others: readonly Candidate[]): string | undefined {
  const [first] = others
    .flatMap((candidate) => alternativesOf(candidate, decision, "alone").map((way) => ({ ...way, id: candidate.experienceId })))
    .sort((a, b) => a.effort - b.effort || (a.id < b.id ? -1 : 1));
  return first && `The smallest change that would have let another win: ${first.id}, with ${first.change}.`;
}

const sentence = (text: string): string => (text === "" ? "" : `${text[0]?.toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`);

const number = (value: number): string => String(Math.round(value * 1000) / 1000);

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** `1 June 2026` in a zone. */
function day(time: string, zone: string): string {
  const local = localTime(parseInstant(time) ?? 0, zone);
  return `${local.day} ${MONTHS[local.month - 1]} ${local.year}`;
}

const when = timeInWords;

function minuteOf(time: string, zone: string): string {
  const { hour, minute } = localTime(parseInstant(time) ?? 0, zone);
  return `${day(time, zone)}, ${formatTimeOfDay(60 * hour + minute)}`;
}

/** Start and end, to the minute for a short span. */
function spanOf(from: string, to: string, zone: string): string {
  const isShort = (parseInstant(to) ?? 0) - (parseInstant(from) ?? 0) < 2 * DAY;
  const print = isShort ? minuteOf : day;
  return `since ${print(from, zone)}, until ${print(to, zone)}`;
}
