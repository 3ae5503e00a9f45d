import type { Customer, Moment } from "../entities/customer.ts";
import {
  type Candidate,
  type DecisionDraft,
  type MomentRecord,
  type Reason,
  type ReasonCode,
  type Score,
  STAGES,
} from "../entities/decision.ts";
import { decisionIdOf, type Wake, wakeRecord } from "../entities/wake.ts";
import type { Mutable } from "../values/mutable.ts";
import { type Instant, iso } from "../values/time.ts";
import type { Zoned } from "../values/zone.ts";
import { type Ranked, scoreIfOpen, type Verdict } from "./arbitration.ts";
import { goesOnWaiting, hourRecord } from "./better-time.ts";
import { type Look, type StagedHold, variantOf } from "./funnel.ts";
import { cutShort, mayFit, stageOf, withinLimit } from "./record-limit.ts";
import type { Judged } from "./verdict.ts";

/** The decision of a verdict, before its candidates are written down. Its id follows from the wake. */
export function draftDecision({ customer, wake, looks, verdict, arbitration }: Judged): DecisionDraft {
  const { view, policy, now } = arbitration;
  const draft = wakeAndAction(customer.customerId, wake, verdict, now);
  if (policy.stages.length > 0 && customer.stage?.name) draft.stage = customer.stage.name;
  draft.timezone = zoneRecord(view);
  draft.moments = customer.moments.map(momentRecord);
  draft.candidates = [];
  const lapsed = lapsedReason(customer, verdict);
  const reasons = reasonsOf(verdict, looks, customer.moments);
  draft.reasons = lapsed ? [...reasons, lapsed] : reasons;
  draft.policyVersion = policy.version;
  if (customer.standing && !goesOnWaiting(customer, verdict)) draft.supersedes = customer.standing.decisionId;
  return draft;
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
 * A drafted decision with its candidates, as it is recorded: those that were stopped with the changes that would have let them compete, in
 * words; those without room counted.
 *
 * @param whole an experience whose candidate stays whole in any case
 */
export function recorded(decision: DecisionDraft, judged: Judged, whole?: string): DecisionDraft {
  const { verdict, looks } = judged;
  const { ranked, winner } = verdict;
  const stopped = looks.filter(({ routes }) => routes.length === 0);
  const first = winner && ranked.includes(winner) ? [winner] : [];
  const all: Entry[] = [...first, ...ranked.filter((one) => one !== winner), ...stopped];
  const write = writerOf(judged, stopped, whole);
  const staysIn = (entry: Entry): boolean => entry === winner || (whole !== undefined && lookOf(entry).experience.id === whole);
  if (mayFit(decision, all.length)) return withinLimit({ ...decision, candidates: all.map(write) }, whole);
  return cutShort(decision, {
    all,
    idOf: (entry) => lookOf(entry).experience.id,
    firstOf: (entry) =>
      "look" in entry ? (entry === winner ? verdict.because[0] : (losingHolds(entry)[0] ?? OUTDONE)) : entry.stoppedBy[0],
    staysIn,
    nearestFirst: () => nearestFirst(all, judged, staysIn),
    write,
  });
}

// --- internal ---

/** The beginning of a decision; the caller adds the rest. */
function wakeAndAction(customerId: string, wake: Wake, verdict: Verdict, now: Instant): Mutable<DecisionDraft> {
  const { winner, action, until, probability, hour, holdout } = verdict;
  const decisionId = decisionIdOf(wake);
  const draft = { decisionId, customerId, decidedAt: iso(now), wake: wakeRecord(wake), action } as Mutable<DecisionDraft>;
  if (winner) {
    draft.experienceId = winner.look.experience.id;
    draft.channel = winner.route.rule.name;
    if (winner.route.route.variant !== undefined) draft.variant = winner.route.route.variant;
  }
  if (until !== undefined) draft.until = iso(until);
  draft.probability = probability;
  if (hour) draft.hour = hourRecord(hour);
  if (holdout) draft.holdout = holdout;
  return draft;
}

const zoneRecord = ({ zone: name, zoneIsOwn, unknownZone }: Zoned): NonNullable<DecisionDraft["timezone"]> => {
  const from = zoneIsOwn ? "customer" : "workspace";
  return unknownZone === undefined ? { name, from } : { name, from, unknown: unknownZone };
};

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

function newReason({ code, stage, detail, retryAt, channel, variant, decidedBy }: StagedHold): Reason {
  const reason: Mutable<Reason> = { code, stage, decidedBy: decidedBy ?? "rule", detail };
  if (channel !== undefined) reason.channel = channel;
  if (variant !== undefined) reason.variant = variant;
  if (retryAt !== undefined) reason.retryAt = iso(retryAt);
  return reason;
}

/** A candidate before it is written down: one that was ranked, or one that was stopped. */
type Entry = Ranked | Look;

const lookOf = (entry: Entry): Look => ("look" in entry ? entry.look : entry);

/** What a candidate with the lower priority is counted as. */
const OUTDONE = { code: "lower_priority", stage: "arbitration" } as const;

/** The order in which candidates have room. What those that were stopped would have scored is only asked where there is room for them. */
function* nearestFirst(
  all: readonly Entry[],
  { verdict: { winner }, arbitration }: Judged,
  staysIn: (entry: Entry) => boolean,
): Generator<Entry> {
  const priorityOf = (entry: Entry): number => ("look" in entry ? entry.score : winner && scoreIfOpen(entry, arbitration))?.priority ?? 0;
  const [staying, ranked, stopped]: [Entry[], Ranked[], Look[]] = [[], [], []];
  for (const entry of all) {
    if (staysIn(entry)) staying.push(entry);
    else if ("look" in entry) ranked.push(entry);
    else stopped.push(entry);
  }
  yield* byPriority(staying, priorityOf);
  yield* byPriority(ranked, priorityOf);
  const byStage = STAGES.map((): Look[] => []).concat([[]]);
  for (const look of stopped) byStage[stageOf(look.stoppedBy[0])]?.push(look);
  for (const looks of byStage.reverse()) yield* byPriority(looks, priorityOf);
}

function byPriority(entries: readonly Entry[], priorityOf: (entry: Entry) => number): readonly Entry[] {
  if (entries.length < 2) return entries;
  const priorities = entries.map(priorityOf);
  // What was ranked is in order already.
  if (priorities.every((priority, place) => place === 0 || priority <= (priorities[place - 1] ?? 0))) return entries;
  const prioritized = entries.map((entry, place) => ({ entry, priority: priorities[place] ?? 0 }));
  return prioritized.sort((a, b) => b.priority - a.priority).map(({ entry }) => entry);
}

/** Writes the candidates of a verdict. */
function writerOf({ verdict, arbitration }: Judged, stopped: readonly Look[], whole: string | undefined): (entry: Entry) => Candidate {
  const { winner, because } = verdict;
  const chosen = winner && because.length > 0 ? because.map(reasonOf) : [{ code: "eligible", decidedBy: "rule" } satisfies Reason];
  const explained = withNeeds(stopped, whole);
  return (entry) => {
    if (!("look" in entry)) {
      const score = winner ? scoreIfOpen(entry, arbitration) : undefined;
      return stoppedCandidate(entry, explained.get(entry) ?? entry.stoppedBy.map(reasonOf), score);
    }
    return entry === winner ? rankedCandidate(entry, "chosen", chosen) : losingCandidate(entry, verdict);
  };
}

function losingCandidate(one: Ranked, { winner, action }: Verdict): Candidate {
  return rankedCandidate(one, one.passedOver ? "ineligible" : "eligible", losingReasons(one, winner, action));
}

function rankedCandidate(one: Ranked, verdict: Candidate["verdict"], reasons: Reason[]): Candidate {
  const { look, route, score } = one;
  const candidate = candidateOf(look, verdict);
  candidate.channel = route.rule.name;
  if (route.route.variant !== undefined) candidate.variant = route.route.variant;
  candidate.score = score;
  candidate.reasons = reasons;
  // A log can only be asked about what it says could have been chosen.
  if (verdict === "chosen" || route.route.variant !== undefined) candidate.channels = channelsOf(one);
  return withOthers(candidate, look);
}

function stoppedCandidate(look: Look, reasons: Reason[], score: Score | undefined): Candidate {
  const candidate = candidateOf(look, "ineligible");
  if (score) candidate.wouldScore = score;
  candidate.reasons = reasons;
  return withOthers(candidate, look);
}

/** Told of a canary that competes; one that is held says so by its reasons. The caller adds the rest. */
function candidateOf({ experience, moment }: Look, verdict: Candidate["verdict"]): Mutable<Candidate> {
  const candidate = { experienceId: experience.id, moment: moment.name, verdict } as Mutable<Candidate>;
  if (experience.canary && !experience.held) candidate.canary = true;
  return candidate;
}

function withOthers(candidate: Mutable<Candidate>, { lost }: Look): Candidate {
  if (lost.length > 0) candidate.otherChannels = lost.map(reasonOf);
  return candidate;
}

/** The reasons of stopped candidates with what would lift them, in words, as far as there is room for words. */
function withNeeds(stopped: readonly Look[], whole: string | undefined): ReadonlyMap<Look, Reason[]> {
  const explained = new Map<Look, Reason[]>();
  let left = MAX_NEEDS_LENGTH;
  for (const look of stopped) {
    if (left < 0 && whole === undefined) break;
    const holds = look.stoppedBy;
    if (look.experience.id === whole)
      explained.set(
        look,
        holds.map((hold) => ({ ...reasonOf(hold), ...hold.unmet?.() })),
      );
    else if (left >= 0)
      explained.set(
        look,
        holds.map((hold) => {
          const unmet = left > 0 ? (hold.unmet?.() ?? {}) : {};
          left -= JSON.stringify(unmet).length;
          return left < 0 ? reasonOf(hold) : { ...reasonOf(hold), ...unmet };
        }),
      );
  }
  return explained;
}

/** Maximum length of all needs of a decision, so that its record stays small; candidates beyond that keep their `detail`. */
const MAX_NEEDS_LENGTH = 8_192;

const channelsOf = ({ options }: Ranked): NonNullable<Candidate["channels"]> =>
  options.map(({ route, P }) => ({ channel: route.rule.name, ...variantOf(route), P }));

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
function reasonsOf({ action, because, ranked }: Verdict, looks: readonly Look[], moments: readonly Moment[]): Reason[] {
  if (because.length > 0) return because.map(reasonOf);
  if (action !== "silence") return [{ code: "eligible", decidedBy: "rule" }];
  const byCode = new Map<string, { readonly first: Reason; readonly details: string[] }>();
  const tell = (experienceId: string, reason: Reason): void => {
    const known = byCode.get(reason.code) ?? { first: reason, details: [] };
    if (known.details.length === 0) byCode.set(reason.code, known);
    known.details.push(reason.detail === undefined ? experienceId : `${experienceId}: ${reason.detail}`);
  };
  for (const one of ranked) for (const reason of losingReasons(one, undefined, action)) tell(one.look.experience.id, reason);
  for (const { experience, routes, stoppedBy } of looks)
    if (routes.length === 0) for (const hold of stoppedBy) tell(experience.id, reasonOf(hold));
  if (byCode.size > 0)
    return [...byCode.values()].map(({ first: { channel: _channel, variant: _variant, retryAt: _retryAt, ...plain }, details }) => ({
      ...plain,
      detail: details.join("; "),
    }));
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
