import { type Canary, shareInWords } from "../entities/canary.ts";
import type { Experience, Held, Policy } from "../entities/policy.ts";
import { shareOf } from "../values/random.ts";
import { type Instant, iso } from "../values/time.ts";

/** What became of a canary. */
export interface CanaryState {
  readonly stopped?: { readonly at: Instant; readonly why: string };
  /** Since when everybody may get it. */
  readonly approved?: { readonly at: Instant };
}

/** The states of the canaries of a policy. */
export interface Canaries {
  /** By {@link Canary.life}; undefined for one that nothing has happened to. */
  stateOf(life: string): CanaryState | undefined;
  /** Set where customers are not drawn: everyone, or no one, is in the share of every canary. */
  readonly everyone?: boolean;
}

/**
 * The state of a canary that a version in force tries. An approval publishes another version, so that of what is kept only a stop counts that no
 * approval has ended: rolled back, it is tried again.
 */
export const stateNow = ({ stopped, approved }: CanaryState = {}): CanaryState | undefined =>
  stopped && (approved === undefined || stopped.at > approved.at) ? { stopped } : undefined;

/** Nothing has happened to any canary. */
export const NO_NEWS: Canaries = { stateOf: () => undefined };

/**
 * The policy as it holds for one customer: of each canary either itself, for customers in its share while nothing has stopped it, or the
 * approved experience that it replaces, or a candidate that is held with the codes `canary` and `canary_stopped`. A policy without canaries
 * is returned as it is; the same combination of cohorts is the same object.
 *
 * @param at the time of the wake: stops and approvals hold from their own time on
 */
export function policyFor(policy: Policy, customerId: string, canaries: Canaries, at: Instant): Policy {
  const tried = policy.experiences.filter(({ canary }) => canary !== undefined);
  if (tried.length === 0) return policy;
  const roles = tried.map((one) => roleOf(one, customerId, canaries, at));
  const known = views.get(policy) ?? new Map<string, Policy>();
  views.set(policy, known);
  const key = JSON.stringify(roles);
  const seen = known.get(key);
  if (seen) return seen;
  const byId = new Map(tried.map((one, index) => [one.id, asSeen(one, roles[index] ?? {})]));
  const view = { ...policy, experiences: policy.experiences.map((one) => byId.get(one.id) ?? one) };
  if (known.size >= MOST_VIEWS) known.clear();
  known.set(key, view);
  return view;
}

/**
 * Whether a customer is in the share of an experience. It depends on both ids alone, so that it is never drawn anew; a larger share includes
 * the customers of a smaller one.
 */
export const isInShare = (share: number, customerId: string, experienceId: string): boolean =>
  shareOf(`canary\n${customerId}\n${experienceId}`) < share;

// --- internal ---

const views = new WeakMap<Policy, Map<string, Policy>>();

/** Views kept of one policy: each combination of cohorts and states is one. */
const MOST_VIEWS = 256;

/** What a canary is to a customer: itself where nothing holds it. */
interface Role {
  readonly isApproved?: true;
  readonly isOutside?: true;
  readonly stopped?: CanaryState["stopped"];
}

function roleOf({ id, canary }: Experience, customerId: string, { stateOf, everyone }: Canaries, at: Instant): Role {
  const { share = 0, life = "" } = canary ?? {};
  const { stopped, approved } = stateOf(life) ?? {};
  if (approved && approved.at <= at) return { isApproved: true };
  const isIn = everyone ?? isInShare(share, customerId, id);
  return { ...(isIn ? {} : { isOutside: true }), ...(stopped && stopped.at <= at ? { stopped } : {}) };
}

function asSeen(experience: Experience, { isApproved, isOutside, stopped }: Role): Experience {
  const { canary, stays, learnsAs: _, ...own } = experience;
  if (isApproved) return { ...own, status: "approved" };
  if (!isOutside && !stopped) return experience;
  if (stays) return { ...stays, tried: experience };
  return { ...experience, held: [...(isOutside && canary ? [outsideOf(canary)] : []), ...(stopped ? [stoppedAs(stopped)] : [])] };
}

const outsideOf = (canary: Canary): Held => ({
  code: "canary",
  detail: `it is tried on ${shareInWords(canary)} of customers first, and this is none of them`,
});

const stoppedAs = ({ at, why }: NonNullable<CanaryState["stopped"]>): Held => ({
  code: "canary_stopped",
  detail: `stopped at ${iso(at)}: ${why}`,
});
