import type { Customer, Outcome } from "../entities/customer.ts";
import type { Experience, Policy, Suppression, SuppressionReach } from "../entities/policy.ts";
import { type AfterOutcome, channelMeant, countsOn, isLikeOneOf } from "../record/suppressing-outcomes.ts";
import { isMetInDoubt, type Scopes } from "../values/condition.ts";
import { entryOf } from "../values/json.ts";
import { formatDuration, type Instant } from "../values/time.ts";
import { type Hold, unmetOf } from "./timing.ts";

/** One experience on one channel, for suppressions. */
export interface Target {
  readonly experience: Experience;
  readonly channel: string;
}

/** The suppressions and open promises that hold the target at `at`. */
export function heldBySuppressions(policy: Policy, customer: Customer, target: Target, subject: Scopes, at: Instant): readonly Hold[] {
  const { suppress } = policy.governance;
  if (suppress.length + customer.promises.length === 0) return NOTHING;
  let holds: readonly Hold[] = NOTHING;
  for (const rule of suppress) {
    const more = reaches(rule, target, policy) ? heldBy(rule, customer, target, { policy, subject }, at) : NOTHING;
    if (more.length > 0) holds = [...holds, ...more];
  }
  const owed = heldByPromises(policy, customer, target);
  return owed.length > 0 ? [...holds, ...owed] : holds;
}

// --- internal ---

const NOTHING: readonly never[] = [];

function reaches({ departments, channels, experiences }: SuppressionReach, { experience, channel }: Target, policy: Policy): boolean {
  return (
    (departments === undefined || (experience.department !== undefined && departments.includes(experience.department))) &&
    (channels === undefined || channels.includes(channel) || isLikeOneOf(channels, channel, policy)) &&
    (experiences === undefined || experiences.includes(experience.id))
  );
}

interface SuppressionContext {
  readonly policy: Policy;
  readonly subject: Scopes;
}

function heldBy(
  rule: Suppression,
  customer: Customer,
  target: Target,
  { policy, subject }: SuppressionContext,
  at: Instant,
): readonly Hold[] {
  if ("when" in rule) {
    const answer = rule.when.ask(subject.whole(rule.when.isShared));
    if (!isMetInDoubt(answer)) return NOTHING;
    const why = rule.reason ?? rule.when.text;
    const detail = "detail" in answer ? `${why} (in doubt: ${answer.detail})` : why;
    return [{ code: "suppressed", detail, unmet: () => unmetOf(rule, subject.whole(rule.when.isShared), false, detail) }];
  }
  return "afterSignal" in rule ? heldAfterSignal(rule, customer, at) : heldAfterOutcome(rule, customer, target, policy, at);
}

function heldAfterSignal(rule: Extract<Suppression, { afterSignal: readonly string[] }>, customer: Customer, at: Instant): Hold[] {
  return rule.afterSignal.flatMap((type) => {
    const last = entryOf(customer.seen, type)?.at;
    return last === undefined ? [] : holdUntil(last, rule.for, at, rule.reason ?? `after ${type}`);
  });
}

function heldAfterOutcome(rule: AfterOutcome, customer: Customer, { experience, channel }: Target, policy: Policy, at: Instant): Hold[] {
  const isSame = (outcome: Outcome): boolean => {
    if (rule.scope === "experience") return outcome.experienceId === experience.id;
    if (!countsOn(rule, outcome.channel, policy)) return false;
    if (rule.scope === "channel") return channelMeant(outcome.channel, policy) === channelMeant(channel, policy);
    return rule.scope === "customer" || outcome.department === experience.department;
  };
  const times = customer.outcomes
    .filter((outcome) => outcome.kind === rule.afterOutcome && isSame(outcome))
    .map((outcome) => outcome.at)
    .sort((a, b) => a - b);
  const last = lastOfRun(times, rule.times, rule.within);
  if (last === undefined) return [];
  const often = rule.times === 1 ? "" : ` ${rule.times} times${rule.within === undefined ? "" : ` in ${formatDuration(rule.within)}`}`;
  return holdUntil(last, rule.for, at, rule.reason ?? `${rule.afterOutcome}${often}`);
}

/** The time of the last outcome that completes a run of `length` within the window; sorted input. */
function lastOfRun(times: readonly Instant[], length: number, within: number | undefined): Instant | undefined {
  for (let end = times.length - 1; end >= length - 1; end--) {
    const first = times[end - length + 1];
    const last = times[end];
    if (first !== undefined && last !== undefined && (within === undefined || last - first < within)) return last;
  }
  return undefined;
}

function holdUntil(since: Instant, span: number | undefined, at: Instant, why: string): Hold[] {
  if (span === undefined) return [{ code: "suppressed", detail: why }];
  const retryAt = since + span;
  return at < retryAt ? [{ code: "suppressed", detail: `${why}, for ${formatDuration(span)}`, retryAt }] : [];
}

function heldByPromises(policy: Policy, customer: Customer, { experience }: Target): readonly Hold[] {
  const { department } = experience;
  if (department === undefined || customer.promises.length === 0) return NOTHING;
  return customer.promises
    .filter(({ name }) => policy.promises.find((rule) => rule.name === name)?.suppress.includes(department))
    .map(({ name, owner }) => ({ code: "promise_open", detail: `${name}, owed by ${owner}` }));
}
