import type { Topic } from "../api/queries.ts";

// What a hint of the server means for the reads of a page: pure.

/** As the stream gives it: something of a topic has changed, or a customer has. */
export interface Hint {
  readonly topic: string;
  readonly customerId?: string | undefined;
}

/** Reads that a change makes old. A decision sends and calls before the next hint, so that it stands for those too. */
const READS: Readonly<Record<string, readonly Topic[]>> = {
  decisions: ["decisions", "deliveries", "calls", "runs", "overview", "customers", "canaries"],
  inbox: ["inbox", "overview"],
  deliveries: ["deliveries", "calls", "overview"],
  calls: ["calls", "runs", "overview"],
  dead: ["dead", "overview"],
  tasks: ["tasks", "overview"],
  approvals: ["approvals", "overview"],
  promises: ["promises", "overview"],
  pauses: ["pauses", "overview"],
  rehearsals: ["rehearsals"],
  // What a person does and undoes within a second leaves the other marks as they were.
  audit: ["audit", "pauses", "tasks", "approvals", "promises", "dead", "canaries", "versions", "proposals", "rehearsals"],
};

/** The topics of queries that a hint is about; none for a customer, whose reads are found by id. */
export const readsOf = ({ topic }: Hint): readonly Topic[] => (Object.hasOwn(READS, topic) ? (READS[topic] ?? []) : []);

/** All that a hint may name: after a gap each may have changed. */
export const ALL_HINTS: readonly Hint[] = Object.keys(READS).map((topic) => ({ topic }));

/** No customer has a longer id, and the stream refuses it. */
const MAX_ID_LENGTH = 512;

/** The customer whom a read is about, by its path: `/v1/customers/c-1/story` is about c-1. */
export function customerOf(queryKey: readonly unknown[]): string | undefined {
  const [, path] = queryKey;
  const id = typeof path === "string" ? /^\/v1\/customers\/([^/]+)/.exec(path)?.[1] : undefined;
  if (id === undefined) return undefined;
  try {
    const customerId = decodeURIComponent(id);
    return customerId.length > MAX_ID_LENGTH ? undefined : customerId;
  } catch {
    return undefined;
  }
}

/** Whether a hint makes a read old. */
export function concerns(hint: Hint, queryKey: readonly unknown[]): boolean {
  if (hint.customerId !== undefined) return customerOf(queryKey) === hint.customerId;
  return readsOf(hint).some((topic) => topic === queryKey[0]);
}

/** The member of the overview that each hint is read from, where there is no stream. */
const MEMBERS: Readonly<Record<string, string>> = {
  decisions: "today",
  inbox: "waiting",
  deliveries: "deliveries",
  calls: "calls",
  dead: "dead",
  tasks: "queues",
  approvals: "approvals",
  promises: "promises",
  pauses: "pauses",
};

type Overview = Readonly<Record<string, unknown>>;

/** Changes between two overviews, as the stream would have said them. */
export const hintsBetween = (before: Overview, after: Overview): Hint[] =>
  Object.entries(MEMBERS)
    .filter(([, member]) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
    .map(([topic]) => ({ topic }));
