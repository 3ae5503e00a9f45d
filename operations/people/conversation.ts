import { wordsOfBody } from "../../domain/story/mail-words.ts";
import type { StoryRow } from "../../domain/story/story-row.ts";
import { cutShort } from "../../domain/values/cut.ts";
import { isObject } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import { knownCustomer, type PeopleDeps, zoneView } from "./known-customer.ts";
import type { ConversationRequest } from "./requests.ts";
import { MOST_ROWS, storyPage } from "./story.ts";
import type { ConversationView } from "./views.ts";

/** Messages of the customer and to the customer, in order of time; a page holds the latest. */
export async function showConversation({ id, limit = 50, cursor }: ConversationRequest, deps: PeopleDeps): Promise<ConversationView> {
  const { customer, ids, zoned } = await knownCustomer(id, deps);
  const filter = { list: "conversation", customer: customer.customerId };
  const { rows, next } = await storyPage({ cursor, filter }, deps, (before) =>
    deps.store.stories.conversation({ ids, before, limit: Math.min(limit, MOST_ROWS) }),
  );
  return {
    customerId: customer.customerId,
    timezone: zoneView(zoned),
    lines: rows.map(lineOf),
    ...(next === undefined ? {} : { next }),
  };
}

// --- internal ---

type Line = ConversationView["lines"][number];

const MAX_TEXT = 4_000;

const lineOf = (row: StoryRow): Line => (row.source === "signals" ? theirLine(row) : ourLine(row));

function theirLine({ at, row }: StoryRow): Line {
  const data = isObject(row.event) && isObject(row.event.data) ? row.event.data : {};
  return {
    ...{ at: iso(at), by: "customer", channel: text(data.channel), ...named("subject", data.subject), ...said(text(data.text)) },
    signal: { source: text(row.source), id: text(row.signal_id) },
  };
}

function ourLine({ at, row }: StoryRow): Line {
  const content = isObject(row.content) ? row.content : {};
  const subject = content.subject ?? content.title;
  return {
    ...{ at: iso(at), by: "us", channel: text(row.channel), ...named("subject", subject) },
    ...said(text(content.text) || wordsOfBody(text(content.body))),
    ...{ deliveryId: text(row.delivery_id), decisionId: text(row.decision_id), experienceId: text(row.experience_id) },
    ...{ ...named("department", row.department), status: row.recorded === true ? "recorded, not sent" : text(row.status) },
  };
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const said = (all: string): Pick<Line, "text" | "isCut"> => ({
  text: cutShort(all, MAX_TEXT),
  ...(all.length > MAX_TEXT ? { isCut: true } : {}),
});

const named = <Name extends string>(name: Name, value: unknown): { readonly [N in Name]?: string } =>
  (typeof value === "string" && value !== "" ? { [name]: value } : {}) as { readonly [N in Name]?: string }; // the name is what it says
