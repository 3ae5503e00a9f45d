import type { JsonObject } from "../values/json.ts";
import type { Instant } from "../values/time.ts";

/**
 * Sources of a customer's story, in the order in which rows of one instant are told. A row that begins and ends is read
 * twice: `promises` when it was made, `promises.ended` when it was over.
 */
export const STORY_SOURCES = [
  "imports",
  "links",
  "signals",
  "inbox",
  "stage_changes",
  "asks",
  "consents",
  "gone_addresses",
  "touches",
  "cases",
  "cases.closed",
  "promises",
  "promises.ended",
  "approvals",
  "approvals.answered",
  "decisions",
  "deliveries",
  "tasks",
  "tasks.ended",
  "offers",
  "offers.redeemed",
  "outcomes",
  "audit",
] as const;
export type StorySource = (typeof STORY_SOURCES)[number];

/** A row of a customer's story. `id` orders the rows of one source at the same instant. */
export interface StoryRow {
  readonly source: StorySource;
  readonly at: Instant;
  readonly id: string;
  readonly row: JsonObject;
}

/** The end of a page of a story: the next one holds what comes before it. */
export interface StoryPlace {
  readonly at: Instant;
  readonly source: StorySource;
  readonly id: string;
}

/** Tables with rows about a customer that the story does not tell, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  customers: "the record as it is now: see customers show",
  addresses: "forms under which addresses are compared",
  identities: "the record as it is now: see customers show",
  inbox_identities: "identities of signals that wait; the signals themselves are told",
  known_signals: "hashes of signals whose bodies are pruned, kept to recognise a repetition",
  signal_tallies: "how many signals of a type there were; the signals themselves are told",
  lanes: "leases of workers",
  rehearsal_decisions: "what a rehearsal came to, which did not happen: see the rehearsal",
  timers: "what is still to come",
  failed_timers: "failures of timers: see dead list",
  moments: "each decision names the moments that were open",
  runs: "each decision names its run: see runs show",
  tool_calls: "each run lists its calls: see runs show",
};

/** Orders rows as the story tells them. */
export const inStoryOrder = (a: StoryPlace, b: StoryPlace): number =>
  a.at - b.at || STORY_SOURCES.indexOf(a.source) - STORY_SOURCES.indexOf(b.source) || (a.id < b.id ? -1 : Number(a.id > b.id));
