import { heldByLimits } from "../deciding/timing.ts";
import type { Candidate, Decision, Reason, ReasonCode, Stage } from "../entities/decision.ts";
import { type Experience, experienceOf, type Policy } from "../entities/policy.ts";
import { FACT_CORRECTED } from "../moments/moments.ts";
import { type Instant, parseInstant } from "../values/time.ts";

/** A message that a department alone would have sent, or that was sent, and its outcome. */
export interface Message {
  readonly customerId: string;
  readonly experienceId: string;
  readonly name: string;
  readonly department: string;
  /** The channel that its author prefers. */
  readonly channel: string;
  /** When the department alone would have sent it; undefined where it had no reason to. */
  readonly alone?: Occasion;
  readonly sent?: Occasion & { readonly channel: string; readonly text: string };
  /** The final reason against it, where it was reconsidered. */
  readonly last?: Occasion;
}

/** One consideration of the message: the decision, and why it was not chosen. */
export interface Occasion {
  readonly at: Instant;
  readonly decision: Decision;
  readonly reasons: readonly Reason[];
}

/** Explains the comparison to the reader of the output. */
export const DEFINITION =
  "A department alone sends an experience once for each opening of its moment, where its own rules and limits hold; it is blind to what others send, owe, know or were told.";

/**
 * Compares the messages that every department alone would have sent with those sent, from the records of the decisions. A
 * candidate that passed its own rules (eligibility, applicability, suitability) and could be written and addressed is a message
 * that its department would have sent, once for each opening of its moment, within its own limits.
 */
export function compareDepartments(policy: Policy, decisions: readonly Decision[]): Message[] {
  const messages = new Map<string, Message>();
  for (const decision of decisions) {
    for (const candidate of decision.candidates) {
      const experience = experienceOf(policy, candidate.experienceId);
      if (experience && reachesCustomer(experience, policy)) look(decision, candidate, experience, messages);
    }
  }
  return [...messages.values()];
}

// --- internal ---

/** Work for a human is no message, however it is worded. */
const reachesCustomer = ({ routes }: Experience, { channels }: Policy): boolean =>
  routes.every(({ channel }) => !channels[channel]?.makesTask);

function keyOf({ customerId, moments }: Decision, { experienceId, moment }: Candidate): string {
  return [customerId, experienceId, moment, moments.find(({ name }) => name === moment)?.openedAt].join("\n");
}

function look(decision: Decision, candidate: Candidate, experience: Experience, messages: Map<string, Message>): void {
  const key = keyOf(decision, candidate);
  const message = see(messages.get(key), decision, candidate, experience, [...messages.values()]);
  if (!message) return;
  const waiting = message.alone || candidate.moment === FACT_CORRECTED ? undefined : heldBefore(message, messages);
  // Held when the department would have sent it, and sent when its moment opened again: one message, later.
  if (waiting && message.sent) messages.set(waiting.key, { ...waiting.message, sent: message.sent });
  else messages.set(key, message);
}

function heldBefore({ customerId, experienceId }: Message, messages: ReadonlyMap<string, Message>) {
  const [first] = [...messages].filter(
    ([, one]) => one.customerId === customerId && one.experienceId === experienceId && one.alone && !one.sent,
  );
  return first && { key: first[0], message: first[1] };
}

function see(
  known: Message | undefined,
  decision: Decision,
  candidate: Candidate,
  experience: Experience,
  before: readonly Message[],
): Message | undefined {
  const occasion = { at: parseInstant(decision.decidedAt) ?? 0, decision, reasons: candidate.reasons };
  const isAlone = !known?.alone && firesAlone(candidate) && allowsItself(experience, decision.customerId, occasion.at, before);
  const sent = sentBy(decision, candidate);
  if (!known && !isAlone && !sent) return undefined;
  const { id: experienceId, name, department = "" } = experience;
  return {
    ...{ customerId: decision.customerId, experienceId, name, department, channel: experience.routes[0]?.channel ?? "" },
    ...known,
    ...(isAlone ? { alone: occasion } : {}),
    ...(sent ? { sent: { ...occasion, ...sent } } : { last: occasion }),
  };
}

const OWN_RULES: readonly (Stage | undefined)[] = ["eligibility", "applicability", "suitability", "judge"];
/** Reasons that also stop a department alone: no text, no address, never permitted. */
const IMPOSSIBLE: readonly ReasonCode[] = ["fact_missing", "content_rejected", "no_channel", "consent_missing"];

/** Only a shared record can show that a statement was wrong. */
function firesAlone({ moment, reasons }: Candidate): boolean {
  if (moment === FACT_CORRECTED || reasons.some(({ stage }) => OWN_RULES.includes(stage))) return false;
  const channels = new Set(reasons.map(({ channel }) => channel));
  return [...channels].some((one) => !reasons.some(({ channel, code }) => channel === one && IMPOSSIBLE.includes(code)));
}

/** Whether its own limits would have allowed it, counting the messages it would have sent before. */
function allowsItself({ id, limits }: Experience, customerId: string, at: Instant, before: readonly Message[]): boolean {
  if (!limits) return true;
  const all = before.filter(({ experienceId, alone }) => experienceId === id && alone);
  const used = all.flatMap(({ customerId: id, alone }) => (id === customerId && alone ? [alone.at] : []));
  return heldByLimits(limits, used, all.length, at).length === 0;
}

function sentBy({ action, deliveries }: Decision, { verdict }: Candidate): { channel: string; text: string } | undefined {
  const delivery = deliveries.find(({ status }) => status === "sent" || status === "delivered");
  if (verdict !== "chosen" || action !== "deliver" || !delivery) return undefined;
  const { channel, content = {} } = delivery;
  return { channel, text: String(content.subject ?? content.title ?? content.text ?? "") };
}
