import { timeInWords } from "../deciding/explain.ts";
import { nameOf, type Pause } from "../deciding/pause.ts";
import { shareInWords } from "../entities/canary.ts";
import type { Experience, Policy } from "../entities/policy.ts";
import { type Instant, iso } from "../values/time.ts";
import type { Evidence, WhyGiven } from "./evidence.ts";
import { afterwards, arrived, handedOver } from "./fate-rungs.ts";
import { decidedInWords, funnelRung, isHeldByPause } from "./funnel-rung.ts";
import { whyNotOpened } from "./openings.ts";
import type { Climbed, LookedAt, RungId } from "./rung.ts";
import { askDepartment } from "./whom-to-ask.ts";

export type Step = readonly [id: RungId, climbed: Climbed];

/** Each rung, up to the first that stops. */
export function climb(experience: Experience, evidence: Evidence, zone: string, given: WhyGiven): Step[] {
  const { policy } = given;
  const { look, fate } = evidence;
  const rungs: readonly (readonly [RungId, () => Climbed])[] = [
    ["catalogue", () => inCatalogue(experience, evidence, policy)],
    ["paused", () => notPaused(experience, evidence, zone, given)],
    ["moment", () => momentOpened(experience, evidence, zone, given)],
    ["funnel", () => (look ? judged(experience, look, evidence, given) : notJudged(experience, evidence, policy))],
    ["handed_over", () => (fate ? handedOver(fate, policy, zone) : noDelivery(look))],
    ["arrived", () => (fate ? arrived(fate, policy, zone) : { state: "unknown", says: "the delivery is no longer on record" })],
    ["afterwards", () => (fate ? afterwards(fate, zone) : { state: "unknown", says: "the delivery is no longer on record" })],
  ];
  const steps: Step[] = [];
  for (const [id, ask] of rungs) {
    const climbed = ask();
    steps.push([id, climbed]);
    if (climbed.state === "no" || climbed.state === "waits" || isOpenEnded(id, climbed)) break;
  }
  return steps;
}

/** The ladder of an experience that does not exist. */
export const unknownExperience = (experienceId: string): Step => [
  "catalogue",
  {
    state: "no",
    says: `the catalogue has no ${experienceId}`,
    change: "an experience of that id, in the folder experiences",
    ask: { about: "the catalogue: the authors of the workspace" },
  },
];

/** A decision or a hand-over whose result nobody knows stops the ladder too. */
export const isOpenEnded = (id: RungId, { state }: Climbed): boolean => state === "unknown" && (id === "funnel" || id === "handed_over");

// --- internal ---

function inCatalogue(experience: Experience, { look }: Evidence, policy: Policy): Climbed {
  const { id, status, source, department, held, tried } = experience;
  if (status === "approved") return { state: "yes", says: `it is approved${tried ? besideCanary(tried) : ""}` };
  if (status === "canary") return held ? outsideOfCanary(held, experience, look, policy) : { state: "yes", says: inCanary(experience) };
  if (look) return { state: "yes", says: `it was approved then; now its status is ${status}` };
  return {
    state: "no",
    says: `its status is ${status}: only approved experiences compete`,
    change: `status: approved in ${source.file}`,
    ask: askDepartment(policy, department, `the status of ${id} in ${source.file}`),
  };
}

const shareIn = ({ canary }: Experience): string => `${shareInWords({ share: canary?.share ?? 0 })} of customers`;

const inCanary = (experience: Experience): string => `it is tried as a canary on ${shareIn(experience)}, and this is one of them`;

/** Of the approved one: this customer is not in the share of the canary, or it was stopped. */
const besideCanary = (tried: Experience): string =>
  `; a canary of it is tried on ${shareIn(tried)}, and this customer gets the approved one`;

/** What the record says of it counts first: it may have been judged otherwise then. */
function outsideOfCanary(
  held: NonNullable<Experience["held"]>,
  { id, department, source }: Experience,
  look: LookedAt | undefined,
  policy: Policy,
): Climbed {
  const says = held.map(({ detail }) => detail).join("; ");
  if (look) return { state: "yes", says: `it is a canary: ${says}` };
  const [first] = held;
  return {
    state: "no",
    says: `it is a canary: ${says}`,
    change: first?.code === "canary_stopped" ? "its approval, or another text in its file" : "its approval, or a larger share",
    ask: askDepartment(policy, department, `the canary ${id} in ${source.file}`),
    ...(first ? { heldBy: { stage: "canary", code: first.code } } : {}),
  };
}

function notPaused(experience: Experience, { look }: Evidence, zone: string, { pauses, window }: WhyGiven): Climbed {
  const pause = pauses.find((one) => reaches(one, experience) && one.since <= window.to);
  const inWords = pause && `${nameOf(pause)} is paused by ${pause.by} since ${timeInWords(iso(pause.since), zone)}`;
  if (look && isHeldByPause(look)) {
    const { detail = "" } = look.candidate.reasons.find(({ code }) => code === "suppressed") ?? {};
    return stoppedByPause(`on ${decidedInWords(look.decision)} it was held back by a pause: ${detail}`, pause?.by);
  }
  if (pause && inWords !== undefined && (!look || Date.parse(look.decision.decidedAt) >= pause.since) && !hasGone(look))
    return stoppedByPause(inWords, pause.by);
  return { state: "yes", says: inWords === undefined ? "nothing that it needs is paused" : `${inWords}, after it was looked at` };
}

const hasGone = (look: LookedAt | undefined): boolean => look?.candidate.verdict === "chosen" && look.decision.action === "deliver";

const stoppedByPause = (says: string, by: string | undefined): Climbed => ({
  state: "no",
  says,
  change: "the end of the pause; then everything is judged again",
  ask: { ...(by === undefined ? {} : { person: by }), about: "the pause" },
  heldBy: { stage: "suppression", code: "suppressed" },
});

/** Whether a pause holds every way in which the experience could go. */
function reaches(pause: Pause, { department, routes }: Experience): boolean {
  if (pause.scope === "channel") return routes.length > 0 && routes.every(({ channel }) => channel === pause.name);
  if (pause.scope === "department") return pause.name === department;
  return pause.scope === "all" || pause.name !== "conversationalist";
}

function momentOpened(experience: Experience, { look, without }: Evidence, zone: string, given: WhyGiven): Climbed {
  const { customer, window } = given;
  const decision = look?.decision ?? without;
  const names = look ? [look.candidate.moment] : experience.serves;
  const open = decision?.moments.find(({ name }) => names.includes(name));
  if (open) return { state: "yes", says: `${open.name} opened on ${timeInWords(open.openedAt, zone)}` };
  const stillOpen = customer.moments.find(
    ({ name, openedAt, expiresAt }) => experience.serves.includes(name) && openedAt <= window.to && expiresAt > window.from,
  );
  if (stillOpen) return { state: "yes", says: `${stillOpen.name} opened on ${timeInWords(iso(stillOpen.openedAt), zone)}` };
  const misses = experience.serves.map((name) =>
    whyNotOpened(name, customer, { ...given, inWords: (at: Instant) => timeInWords(iso(at), zone) }),
  );
  const one = misses.length === 1 ? misses[0] : undefined;
  return {
    state: "no",
    says: one ? `${one.moment} did not open: ${one.says}` : `none of ${experience.serves.join(", ")} opened`,
    details: one ? one.details : misses.flatMap(({ moment, says, details }) => [`${moment}: ${says}`, ...details]),
    change: misses.map(({ change }) => change).join(", or "),
    ask: askDepartment(given.policy, experience.department, `when ${experience.serves.join(" or ")} opens, in sentient.yaml`),
  };
}

/** The look that counts, with the latest one before it that it had won. */
function judged(experience: Experience, look: LookedAt, { within }: Evidence, given: WhyGiven): Climbed {
  const climbed = funnelRung(look, { ...given, experience });
  const won = within.slice(0, Math.max(0, within.indexOf(look))).findLast(({ candidate }) => candidate.verdict === "chosen");
  if (!won || climbed.state === "yes") return climbed;
  const before = funnelRung(won, { ...given, experience, isReplaced: true }).says;
  return { ...climbed, details: [...(climbed.details ?? []), `before that, ${before}`] };
}

function notJudged({ id, department }: Experience, { without }: Evidence, policy: Policy): Climbed {
  const decision = without ? ` on ${decidedInWords(without)}` : "";
  return {
    state: without ? "no" : "unknown",
    says: without
      ? `its moment was open${decision} and it has no line in the decision: under policy ${without.policyVersion.slice(0, 12)} it was ${without.others ? "one of the candidates that the record counts and does not name" : "not in the catalogue, or not approved"}`
      : "its moment is open, and no decision about it is on record yet",
    change: without ? "another wake: it is a candidate now" : "the next wake",
    ask: askDepartment(policy, department, `since when ${id} is approved`),
  };
}

const noDelivery = (look: LookedAt | undefined): Climbed => ({
  state: "unknown",
  says: look ? "the delivery is no longer on record" : "nothing was decided",
});
