import type { Change, NewDelivery } from "../entities/change.ts";
import { type Customer, lastSeq, type Moment, type Promised } from "../entities/customer.ts";
import type { DecisionDraft, StatedFact } from "../entities/decision.ts";
import { type Content, contentsOf, DEFAULT_RESPONSE_MS, type Experience } from "../entities/policy.ts";
import { idFrom } from "../entities/wake.ts";
import { featuresOf } from "../learning/lessons.ts";
import { REPLY } from "../moments/promises.ts";
import { wordsOf } from "../moments/task-story.ts";
import { responseTimer } from "../record/delivery-events.ts";
import { withMoment } from "../record/view.ts";
import type { Scope } from "../values/condition.ts";
import { asJson, type Json } from "../values/json.ts";
import type { Mutable } from "../values/mutable.ts";
import { placeAt, splitPath } from "../values/path.ts";
import type { Instant } from "../values/time.ts";
import { approvalsOf } from "./approval.ts";
import type { Ranked } from "./arbitration.ts";
import { notesOn, statedFacts } from "./facts.ts";
import type { OpenRoute } from "./funnel.ts";
import type { Judged } from "./verdict.ts";

// What a decision brings about besides its record: a delivery with its timer, or an approval to be asked for.

/** Timer after which a delivery without a response counts as ignored; cancelled if it was never sent. */
export function awaitResponse({ deliveryId, respondBy }: NewDelivery): Change[] {
  const key = responseTimer(deliveryId);
  return respondBy === undefined ? [] : [{ type: "timer_set", key, timer: { name: key, due: respondBy } }];
}

/**
 * The approval that a candidate needs, unless it has been asked for already. One more is asked for where what a human approved cannot go
 * and something else would: another channel or variant.
 */
export function askApproval({ look }: Ranked, { decisionId, reasons }: DecisionDraft, { approvals }: Customer, at: Instant): Change[] {
  const experienceId = look.experience.id;
  const { momentId } = look.moment;
  const asked = approvalsOf(approvals, look);
  if (asked.some(({ state }) => state !== "approved")) return [];
  const reason = reasons.map(({ detail }) => detail ?? "").join("; ");
  const approval = {
    approvalId: idFrom("a", experienceId, momentId, ...(asked.length > 0 ? [decisionId] : [])),
    experienceId,
    momentId,
    state: "pending",
    reason,
    askedAt: at,
  } as const;
  return [{ type: "approval_asked", approval, decisionId }];
}

/** The delivery that a decision for this candidate reserves. */
export function newDelivery({ look, route }: Ranked, decisionId: string, { customer, arbitration }: Judged): NewDelivery {
  const { view, policy, now } = arbitration;
  const { experience, moment } = look;
  const contents = contentsOf(experience, route.route);
  const { isTouch, makesTask } = route.rule;
  const facts = statedFacts(contents, view.golden, makesTask ? { rules: policy.record, now } : undefined);
  const served = customer.moments.filter(({ name }) => experience.serves.includes(name));
  const scope = withMoment(view.scope, moment, experience);
  const frozen = freeze(contents, facts, scope);
  const made = sentBy(route, experience, idFrom("m", decisionId, route.rule.name));
  made.at = now;
  made.moments = served.map(({ name }) => name);
  made.expiresAt = moment.expiresAt;
  // Neither a task nor a note to a system of ours answers the customer; the contact that follows does.
  made.keeps = isTouch || route.rule.pull ? repliesTo(served, customer) : [];
  if (experience.promise) made.makes = makePromise(experience.promise, decisionId, served, now);
  made.isTouch = isTouch;
  made.facts = facts;
  made.frozen = experience.converse ? { ...frozen, conversation: { upTo: lastSeq(customer) } } : frozen;
  made.features = featuresOf(policy, scope);
  addLimits(made, route, experience, now);
  return made;
}

/**
 * Snapshot of what the texts read, and nothing else about the customer. Texts are rendered after the slot is reserved, possibly again
 * after a crash, and must see the same values.
 */
export function freeze(contents: readonly Content[], facts: Readonly<Record<string, StatedFact>>, scope: Scope): NewDelivery["frozen"] {
  const reads = (root: string) => contents.some(({ roots }) => roots.has(root));
  const customer: Record<string, unknown> = {};
  for (const [path, { value }] of Object.entries(facts)) placeAt(customer, splitPath(path), value as Json);
  for (const { builtIns } of contents) for (const name of builtIns) customer[name] = scope.customer[name];
  const notes = notesOn(facts);
  const frozen: Record<string, unknown> = { zone: scope.zone, customer };
  for (const root of FROZEN) if (reads(root)) frozen[root] = scope[root];
  if (notes.length > 0) frozen.notes = notes;
  return asJson(frozen) as NewDelivery["frozen"];
}

// --- internal ---

/** What a text reads beside the customer, in the order in which it is kept. */
const FROZEN = ["signal", "moment", "experience", "ask"] as const;

/** The way of a delivery; the caller adds the rest. */
function sentBy({ rule, route, to }: OpenRoute, { id, department }: Experience, deliveryId: string): Mutable<NewDelivery> {
  const made = { deliveryId, experienceId: id } as Mutable<NewDelivery>;
  if (department !== undefined) made.department = department;
  made.channel = rule.name;
  if (route.variant !== undefined) made.variant = route.variant;
  if (route.locale !== undefined) made.locale = route.locale;
  if (to !== undefined) made.to = to;
  return made;
}

function addLimits(made: Mutable<NewDelivery>, { rule }: OpenRoute, experience: Experience, now: Instant): void {
  const { success, canary, learnsAs, limits } = experience;
  // What the customer does not feel gets no response; its effect shows only where success is defined.
  if (made.isTouch || rule.pull || success) made.respondBy = now + (success?.within ?? DEFAULT_RESPONSE_MS);
  if (canary) made.canary = canary.life;
  if (learnsAs !== undefined) made.learnsAs = learnsAs;
  if (limits?.total !== undefined) made.total = limits.total;
}

/** Reply promises for the messages that opened these moments. */
const repliesTo = (moments: readonly Moment[], { promises }: Customer): string[] =>
  promises
    .filter(({ name, openedBy }) => name === REPLY && moments.some((moment) => openedBy.includes(moment.openedBy)))
    .map(({ promiseId }) => promiseId);

const makePromise = (
  { name, due, owner }: NonNullable<Experience["promise"]>,
  decisionId: string,
  served: readonly Moment[],
  now: Instant,
): Promised => ({
  promiseId: idFrom("p", name, decisionId),
  name,
  owner,
  openedAt: now,
  due: now + due,
  openedBy: [decisionId],
  ...wordsOfMoments(served),
  overdue: false,
});

/** The words of the messages that opened these moments, each once. */
function wordsOfMoments(served: readonly Moment[]): Pick<Promised, "words"> {
  const words = [...new Set(served.flatMap(({ data }) => wordsOf(data.text)))];
  return words.length > 0 ? { words } : {};
}
