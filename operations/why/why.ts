import { policyFor } from "../../domain/canary/cohort.ts";
import { everyExperience, limitedInTotal, type Policy } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { armOf, EVERYONE, learnedPropensity } from "../../domain/learning/lessons.ts";
import { DAY, type Instant, iso, parseInstant } from "../../domain/values/time.ts";
import type { WhyGiven } from "../../domain/why/evidence.ts";
import { type Judgement, judgeNow } from "../../domain/why/judgement.ts";
import type { Fate } from "../../domain/why/rung.ts";
import { type Why, whyOf } from "../../domain/why/why.ts";
import { createKnownCanaries, triedIn } from "../../engine/canaries/canary-watch.ts";
import type { Store } from "../../store/store.ts";
import { experienceNamed } from "../experiences.ts";

/** A question: customer, experience, and a window of time. */
export interface WhyRequest {
  readonly customer: string;
  readonly experience: string;
  /** Default: seven days before `to`. */
  readonly from?: string | undefined;
  /** Default: the store's time. */
  readonly to?: string | undefined;
}

interface WhyDeps {
  readonly store: Store;
  readonly policy: Policy;
}

/** Decisions that one question reads. */
const MAX_DECISIONS = 500;

/**
 * Why a customer did not get an experience, or did: the first rung of the ladder that says no.
 *
 * @throws `NOT_FOUND` for an unknown customer, and for an experience that neither the catalogue nor a decision knows; `BAD_INPUT` for a
 * window that is none
 */
export async function askWhy(request: WhyRequest, { store, policy: whole }: WhyDeps, now: Instant): Promise<Why> {
  const { experience: experienceId } = request;
  const window = windowOf(request, now);
  // Every touch: which contacts filled a cap may lie further back than the policy counts now.
  const customer = (await store.customers.load([request.customer], { ...whole, touchWindow: now }, now)).get(request.customer);
  if (!customer)
    throw new SentientError(
      "NOT_FOUND",
      `no customer ${request.customer} in the store; npx sentient customers search finds one by name or address`,
    );
  const policy = await policyOf(customer.customerId, { store, policy: whole }, now);
  const ids = await store.links.group(customer.customerId);
  const [decisions, pauses] = await Promise.all([store.evidence.decisionsUntil(ids, window.to, MAX_DECISIONS), store.operations.pauses()]);
  const looked = decisions.filter(({ candidates, others = [] }) =>
    [...candidates.map((one) => one.experienceId), ...others.flatMap(({ experiences }) => experiences)].includes(experienceId),
  );
  const experience = policy.experiences.find(({ id }) => id === experienceId);
  if (!experience && looked.length === 0) experienceNamed(policy, experienceId);
  const opening = policy.moments.filter(({ name }) => experience?.serves.includes(name)).flatMap(({ on }) => on);
  const [fates, signals] = await Promise.all([
    store.evidence.fates(
      looked.map(({ decisionId }) => decisionId),
      experienceId,
    ),
    store.evidence.signals(ids, [...new Set(opening)], window),
  ]);
  const isRead = isWhole(decisions[0]?.decidedAt, decisions.length, window.from, policy, now);
  const given: WhyGiven = {
    ...{ experienceId, customer, policy, now, window, pauses, decisions, whole: isRead },
    fates: fates.map(fateOf),
    signals: signals.map(({ data, ...signal }) => ({ ...signal, data: data ?? {} })),
  };
  return whyOf(given);
}

/** How a customer would be judged if woken now; nothing is written and no language model is asked. Throws `NOT_FOUND`. */
export async function judgeCustomer(customerId: string, { store, policy }: WhyDeps, now: Instant): Promise<Judgement> {
  const [customers, totals, { arms, pauses }, takenOver] = await Promise.all([
    store.customers.load([customerId], policy, now),
    store.totals(limitedInTotal(policy)),
    store.shared(new Map()),
    everyExperience(policy).some(({ converse }) => converse !== undefined)
      ? store.conversations.takenOver([customerId])
      : new Set<string>(),
  ]);
  const customer = customers.get(customerId);
  if (!customer) throw new SentientError("NOT_FOUND", `no customer ${customerId} in the store`);
  return judgeNow(customer, {
    policy: await policyOf(customer.customerId, { store, policy }, now),
    now,
    pauses,
    propensity: learnedPropensity(policy, (arm) => arms.get(arm)?.learned),
    habitOn: (channel) => arms.get(armOf(EVERYONE, channel))?.habit,
    usedInTotal: (experienceId) => totals.get(experienceId) ?? 0,
    isTakenOver: takenOver.has(customer.customerId),
  });
}

// --- internal ---

const DEFAULT_SPAN = 7 * DAY;

/** The policy as it holds for one customer: whether she is in the share of a canary, and what became of it. */
async function policyOf(customerId: string, { store, policy }: WhyDeps, now: Instant): Promise<Policy> {
  if (triedIn(policy).length === 0) return policy;
  const canaries = createKnownCanaries(store);
  await canaries.refresh();
  return policyFor(policy, customerId, canaries, now);
}

function windowOf({ from, to }: WhyRequest, now: Instant): { readonly from: Instant; readonly to: Instant } {
  const end = to === undefined ? now : instantIn("to", to);
  const start = from === undefined ? end - DEFAULT_SPAN : instantIn("from", from);
  if (start > end) throw new SentientError("BAD_INPUT", `from: ${iso(start)} is after to, ${iso(end)}`);
  return { from: start, to: end };
}

function instantIn(name: string, text: string): Instant {
  const at = parseInstant(text);
  if (at === undefined) throw new SentientError("BAD_INPUT", `${name}: ${text} is no time; expected one such as 2026-06-01T09:00:00Z`);
  return at;
}

/** Whether the window was read to its beginning, and nothing in it is forgotten. */
function isWhole(oldest: string | undefined, count: number, from: Instant, { retention }: Policy, now: Instant): boolean {
  const isRead = count < MAX_DECISIONS || (oldest !== undefined && Date.parse(oldest) < from);
  return isRead && from >= now - retention.history;
}

const fateOf = ({
  variant,
  locale,
  reason,
  settledAt,
  outcomes,
  ...fate
}: Awaited<ReturnType<Store["evidence"]["fates"]>>[number]): Fate => ({
  ...fate,
  outcomes: outcomes ?? [],
  ...(variant === null ? {} : { variant }),
  ...(locale === null ? {} : { locale }),
  ...(reason === null ? {} : { reason }),
  ...(settledAt === null ? {} : { settledAt }),
});
