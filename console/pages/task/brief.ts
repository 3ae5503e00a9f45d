import { valueWords } from "../../values/facts.ts";

/** One thing that a task brings along: a time, a text, or a list of texts with their times. */
export interface BriefLine {
  readonly name: string;
  readonly at?: string;
  readonly text?: string;
  readonly list?: readonly { readonly at?: string; readonly text: string }[];
  /** The approval that the line leads to. */
  readonly approval?: string;
}

/** What a task brings along, other than facts of the record: first why, then what was said and done, then the times. */
export function briefOf(facts: Readonly<Record<string, unknown>>): readonly BriefLine[] {
  const own = Object.entries(facts).filter(([, value]) => !isFact(value));
  const place = (path: string): number => {
    const found = NAMES.findIndex(([known]) => known === path);
    return found < 0 ? NAMES.length : found;
  };
  return own.sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)).map(([path, value]) => lineOf(path, value));
}

/** The facts of the customer's record that a task brings along. */
export const recordFacts = (facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => isFact(value)));

// --- internal ---

/** Members of the facts that tasks of the product have, in order, and their names for people. */
const NAMES: readonly (readonly [path: string, name: string])[] = [
  ["reason", "Why it was asked"],
  ["why", "Why"],
  ["promise", "Promise"],
  ["owner", "Owed by"],
  ["words", "The customer's words"],
  ["messages", "The customer's messages"],
  ["before", "Said before"],
  ["done", "Done already"],
  // Never before the messages it is about: it may be wrong.
  ["summary", "In short, by a language model"],
  ["experience", "Experience"],
  ["value", "Worth"],
  ["moment", "Moment"],
  ["data", "What is known of it"],
  ["cases", "Open cases"],
  ["contacts", "Contacts before"],
  ["openedAt", "Opened"],
  ["askedAt", "Asked"],
  ["expiredAt", "Expired"],
  ["due", "Due"],
  ["channel", "Channel"],
  ["conversation", "Conversation"],
  ["approvalId", "Approval"],
];

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

function lineOf(path: string, value: unknown): BriefLine {
  const name = NAMES.find(([known]) => known === path)?.[1] ?? path;
  if (typeof value === "string" && INSTANT.test(value)) return { name, at: value };
  if (path === "approvalId" && typeof value === "string") return { name, approval: value };
  if (Array.isArray(value) && value.length > 0) return { name, list: value.map((entry) => entryOf(path, entry)) };
  return { name, text: valueWords(value) };
}

/** An entry of a list, with its time apart. */
function entryOf(path: string, entry: unknown): { readonly at?: string; readonly text: string } {
  if (typeof entry !== "object" || entry === null) return { text: valueWords(entry) };
  const { at, ...rest } = entry as { readonly [field: string]: unknown };
  const hasTime = typeof at === "string" && INSTANT.test(at);
  return { ...(hasTime ? { at } : {}), text: ENTRIES[path]?.(rest) ?? valueWords(hasTime ? rest : entry) };
}

/** Contacts, lines of a conversation and calls of tools in words; undefined for what is none. */
const ENTRIES: Readonly<Record<string, (entry: { readonly [field: string]: unknown }) => string | undefined>> = {
  contacts: ({ channel, experience, kind }) =>
    typeof channel === "string" ? `${valueWords(experience ?? kind)} by ${channel}` : undefined,
  before: ({ by, text }) => (typeof text === "string" ? `${by === "customer" ? "the customer" : "we"}: ${text}` : undefined),
  done: ({ tool, input, status }) => (typeof tool === "string" ? `${tool} (${valueWords(input)}): ${valueWords(status)}` : undefined),
};

const isFact = (value: unknown): boolean => typeof value === "object" && value !== null && "value" in value && "source" in value;
