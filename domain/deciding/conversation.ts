import type { Customer, Moment } from "../entities/customer.ts";
import type { Experience, Route } from "../entities/policy.ts";
import { REPLY } from "../moments/promises.ts";
import { entryOf } from "../values/json.ts";
import { formatDuration, type Instant } from "../values/time.ts";
import type { Hold } from "./timing.ts";

/** Signal type of inbound messages. */
export const MESSAGE = "message.received";

/** A message is answered on the channel it came from, if the experience has that channel. */
export function routesFor({ converse, routes }: Experience, { data }: Moment): readonly Route[] {
  const own = converse ? routes.filter(({ channel }) => channel === data.channel) : [];
  return own.length > 0 ? own : routes;
}

/** Holds once the owed reply has been given, by an assistant or a human. */
export function heldByAnswer({ converse }: Experience, { promises }: Customer): readonly (Hold & { readonly stage: "applicability" })[] {
  if (!converse) return NOTHING;
  if (promises.some(({ name }) => name === REPLY)) return [];
  return [{ code: "goal_met", stage: "applicability", detail: "the customer's messages have been answered" }];
}

/** Holds while a human handles the conversation, and while the customer may still be writing. */
export function heldByConversation({ converse }: Experience, { seen }: Customer, isTakenOver: boolean, at: Instant): Hold[] {
  if (!converse) return [];
  if (isTakenOver) return [{ code: "human_takeover", detail: "a human is handling the conversation" }];
  const last = entryOf(seen, MESSAGE)?.at;
  const retryAt = last === undefined ? at : last + converse.settle;
  return at < retryAt
    ? [{ code: "suppressed", detail: `the customer may still be writing, for ${formatDuration(converse.settle)}`, retryAt }]
    : [];
}

// --- internal ---

const NOTHING: readonly never[] = [];
