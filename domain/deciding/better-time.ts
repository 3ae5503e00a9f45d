import type { Customer, HourWait } from "../entities/customer.ts";
import type { DecisionDraft } from "../entities/decision.ts";
import { isOutside, isTransactional, type Policy } from "../entities/policy.ts";
import { type ChosenHour, chooseHour, hoursUntil } from "../learning/better-hour.ts";
import { type CommonHabit, NO_HABIT, ratesOf } from "../learning/common-habit.ts";
import { evidenceOf, habitOf } from "../learning/own-habit.ts";
import { formatDate, formatTimeOfDay, type Instant, iso } from "../values/time.ts";
import { localTime } from "../values/zone.ts";
import { type ArbitrationContext, type AskedFor, arbitrate, everyVerdict, type Ranked, rankAgain, type Verdict } from "./arbitration.ts";
import { MESSAGE } from "./conversation.ts";
import { isReady, type Look, type StagedHold, variantOf } from "./funnel.ts";
import { heldByQuiet } from "./quiet.ts";

/** What choosing an hour reads besides arbitration. */
export interface HourContext extends ArbitrationContext {
  /** The hours at which everyone takes a channel up; undefined where nothing is learned. */
  readonly habitOn?: ((channel: string) => CommonHabit | undefined) | undefined;
}

/**
 * The verdict with the moment of the day: a winner that may wait for a better hour waits, and nothing goes in its stead. Where it waits
 * already, it keeps the hour that it has, and only what serves other moments may go meanwhile.
 */
export function inGoodTime(customer: Customer, looks: readonly Look[], context: HourContext): Verdict {
  const wait = customer.standing?.waits;
  if (!context.policy.learning.times && !wait) return arbitrate(looks, context);
  const waiting = wait && wait.until > context.now ? waitingLook(customer, wait, looks) : undefined;
  return waiting && wait ? whileWaiting(waiting, wait, customer, looks, context) : askHour(arbitrate(looks, context), customer, context);
}

/** Every verdict that the draws may lead to, those of the hour among them, each with its probability. */
export function everyVerdictInGoodTime(customer: Customer, looks: readonly Look[], context: HourContext, isAskedFor: AskedFor): Verdict[] {
  const wait = customer.standing?.waits;
  if (!context.policy.learning.times && !wait) return everyVerdict(looks, context, isAskedFor);
  const waiting = wait && wait.until > context.now ? waitingLook(customer, wait, looks) : undefined;
  const rankedWaiting = waiting && rankAgain(waiting, context);
  if (!waiting || !wait || !rankedWaiting || rankedWaiting.passedOver)
    return everyVerdict(looks, context, isAskedFor).flatMap((verdict) => everyHour(verdict, customer, context));
  // What waits goes on waiting with certainty, as its record says; what may go beside it is drawn like everything else.
  const going = whileWaiting(waiting, wait, customer, looks, context);
  if (going.winner?.look.experience.id === waiting.experience.id) return [going];
  const { standing: _waits, ...rest } = customer;
  return everyVerdict(besides(waiting, looks, customer), context, isAskedFor)
    .flatMap((verdict) => everyHour(verdict, rest, context))
    .map((verdict) =>
      verdict.action === "silence" || verdict.action === "defer"
        ? { ...verdict, action: "defer", winner: rankedWaiting, until: wait.until }
        : verdict,
    );
}

/** The wait that a verdict begins or goes on with. */
export function waitOf({ action, because, winner, until, hour }: Verdict): HourWait | undefined {
  if (action !== "defer" || !winner || until === undefined || !because.some(({ code }) => code === BETTER_TIME)) return undefined;
  const { moment } = winner.look;
  return {
    momentId: moment.momentId,
    channel: winner.route.rule.name,
    ...variantOf(winner.route),
    until,
    ...(hour ? { probability: hour.probability } : {}),
  };
}

/** Whether what waits for its hour goes on waiting beside a verdict about something else. */
export const goesOnWaiting = ({ standing }: Pick<Customer, "standing">, { ranked, winner }: Verdict): boolean =>
  standing?.waits !== undefined &&
  ranked.some(
    (one) => one !== winner && one.look.experience.id === standing.experienceId && one.route.holds.some(({ code }) => code === BETTER_TIME),
  );

/** Whether something that serves none of the moments for which the winner waits could go at once. */
export const hasOthersBeside = ({ winner }: Verdict, looks: readonly Look[], customer: Customer): boolean =>
  winner !== undefined && besides(winner.look, looks, customer).some(({ routes }) => routes.some(isReady));

/** The hour of a verdict as it is recorded. */
export const hourRecord = ({ at, probability }: NonNullable<Verdict["hour"]>): NonNullable<DecisionDraft["hour"]> => ({
  at: iso(at),
  probability,
});

// --- internal ---

const BETTER_TIME = "better_time";

function askHour(verdict: Verdict, customer: Customer, context: HourContext): Verdict {
  const { winner, action } = verdict;
  if (action !== "deliver" || !winner || !mayWait(winner, context.policy)) return verdict;
  const kept = hourAfterWait(winner, customer);
  // The hour was drawn by the decision that began to wait, whose probability has it: here nothing was left to chance.
  if (kept) return kept.probability === undefined ? verdict : { ...verdict, hour: { at: kept.until, probability: kept.probability } };
  return atHour(verdict, hourFor(winner, customer, context), context);
}

function everyHour(verdict: Verdict, customer: Customer, context: HourContext): Verdict[] {
  const { winner, action } = verdict;
  if (action !== "deliver" || !winner || !mayWait(winner, context.policy) || hourAfterWait(winner, customer))
    return [askHour(verdict, customer, context)];
  const chosen = hourFor(winner, customer, context);
  return chosen.shares.map((share) => atHour(verdict, { ...chosen, ...share }, context));
}

function atHour(verdict: Verdict, chosen: ChosenHour, context: HourContext): Verdict {
  const explores = context.policy.learning.explore === "thompson";
  const asked = explores ? drawnAt(verdict, chosen) : verdict;
  if (chosen.at === context.now) return asked;
  const hold: StagedHold = { code: BETTER_TIME, stage: "timing", detail: detailOf(chosen, context), retryAt: chosen.at };
  const { holdout: _notYet, ...waits } = asked;
  return { ...waits, action: "defer", until: chosen.at, because: [hold] };
}

const drawnAt = (verdict: Verdict, { at, probability }: Pick<ChosenHour, "at" | "probability">): Verdict => ({
  ...verdict,
  hour: { at, probability },
  probability: verdict.probability * probability,
});

/** What answers the customer's own message is waited for. */
function mayWait({ look: { experience, moment }, route }: Ranked, { learning: { times } }: Policy): boolean {
  if (!times?.channels.includes(route.rule.name) || moment.urgency >= times.below) return false;
  return !isTransactional(experience) && moment.openedOn !== MESSAGE;
}

/** The wait that is over for this winner: it goes without being asked again. */
function hourAfterWait({ look, route }: Ranked, { standing }: Customer): HourWait | undefined {
  const wait = standing?.waits;
  const isSame = standing?.experienceId === look.experience.id && wait?.momentId === look.moment.momentId;
  return isSame && wait?.channel === route.rule.name ? wait : undefined;
}

function hourFor({ look, route }: Ranked, customer: Customer, context: HourContext): ChosenHour {
  const { policy, view, now, habitOn } = context;
  const { experience, moment } = look;
  const { zone } = view;
  const channel = route.rule.name;
  const end = Math.min(now + (policy.learning.times?.within ?? 0) + 1, moment.expiresAt);
  const isQuiet = (at: Instant) => !isOutside(experience, "quiet_hours") && heldByQuiet(policy, route.rule, at, view).length > 0;
  const hours = hoursUntil(now, end, zone).filter((at) => at === now || !isQuiet(at));
  const rates = ratesOf(habitOn?.(channel) ?? NO_HABIT);
  const posterior = habitOf(rates, evidenceOf(customer, channel, rates, { zone, now }));
  // By the moment and the experience: judged again before the hour comes, it draws the same habit.
  const seed = `hour\n${moment.momentId}\n${experience.id}\n${channel}`;
  return chooseHour({ rates, posterior, zone, hours, ...(policy.learning.explore === "thompson" ? { seed } : {}) });
}

/** `waits until 19:00: she opens in the evening, 64 % against 31 % now`. */
function detailOf({ at, chance, chanceNow, isOwn }: ChosenHour, { view: { zone }, now }: HourContext): string {
  const [then, today] = [localTime(at, zone), localTime(now, zone)];
  const day = formatDate(then) === formatDate(today) ? "" : `${WEEKDAYS[then.weekday - 1]} `;
  const who = isOwn ? "she opens" : "people open";
  const chances = `${percent(chance)} against ${percent(chanceNow)} now`;
  const why = chance > chanceNow ? `${who} ${partOfDay(then.hour)}` : `tried, to learn whether she opens ${partOfDay(then.hour)}`;
  return `waits until ${day}${formatTimeOfDay(60 * then.hour + then.minute)}: ${why}, ${chances}`;
}

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function partOfDay(hour: number): string {
  if (hour < 6) return "at night";
  if (hour < 12) return "in the morning";
  return hour < 18 ? "in the afternoon" : "in the evening";
}

/** The look of what waits, with the way it waits for alone; undefined where it could no longer go that way now. */
function waitingLook({ standing, moments }: Customer, wait: HourWait, looks: readonly Look[]): Look | undefined {
  const look = looks.find(({ experience, moment }) => experience.id === standing?.experienceId && moment.momentId === wait.momentId);
  if (!look || !moments.some(({ momentId }) => momentId === wait.momentId)) return undefined;
  const routes = look.routes.filter((one) => one.rule.name === wait.channel && one.route.variant === wait.variant && isReady(one));
  return routes.length > 0 ? { ...look, routes } : undefined;
}

/** The looks of what serves none of the open moments that an experience serves. */
function besides({ experience }: Look, looks: readonly Look[], { moments }: Customer): readonly Look[] {
  const served = moments.filter(({ name }) => experience.serves.includes(name)).map(({ name }) => name);
  return looks.filter((one) => !served.some((name) => one.experience.serves.includes(name)));
}

function whileWaiting(look: Look, wait: HourWait, customer: Customer, looks: readonly Look[], context: HourContext): Verdict {
  const waiting = rankAgain(look, context);
  if (waiting.passedOver) return askHour(arbitrate(looks, context), customer, context);
  const free = besides(look, looks, customer);
  const { standing: _waits, ...rest } = customer;
  const other = askHour(arbitrate(free, context), rest, context);
  const hold = (detail: string): StagedHold => ({ code: BETTER_TIME, stage: "timing", detail, retryAt: wait.until });
  const own = hold(`waits for the hour chosen before, ${iso(wait.until)}`);
  const held = looks
    .filter((one) => one.experience.id !== look.experience.id && !free.includes(one) && one.routes.length > 0)
    .map((one) => rankAgain(one, context))
    .map((one) => withHold(one, hold(`${look.experience.id} waits for a better hour for the same moment`)));
  if (other.action !== "silence" && other.action !== "defer")
    return { ...other, ranked: [...other.ranked, withHold(waiting, own), ...held] };
  const hour = wait.probability === undefined ? {} : { hour: { at: wait.until, probability: wait.probability } };
  return {
    action: "defer",
    winner: waiting,
    ranked: [waiting, ...other.ranked, ...held],
    until: wait.until,
    probability: 1,
    because: [own],
    ...hour,
  };
}

const withHold = (one: Ranked, hold: StagedHold): Ranked => ({ ...one, route: { ...one.route, holds: [...one.route.holds, hold] } });
