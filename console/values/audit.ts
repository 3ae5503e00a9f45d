import { count } from "./numbers.ts";

/** An operator's action in words; the action itself where it is not known here. */
export function auditWords(action: string): string {
  return Object.hasOwn(WORDS, action) ? (WORDS[action] ?? action) : action.replaceAll(/[._]/g, " ");
}

/** The page of what an action was about, where it has one. */
export function auditTarget({
  action,
  target,
  customerId,
}: {
  readonly action: string;
  readonly target: string;
  readonly customerId?: string | undefined;
}): string | undefined {
  const id = encodeURIComponent(target);
  if (action.startsWith("task.")) return `/tasks/${id}`;
  if (action.startsWith("approval.")) return `/approvals/${id}`;
  if (action.startsWith("run.")) return `/runs/${id}`;
  if (action.startsWith("promise.")) return "/promises?all=true";
  if (action.startsWith("dead.")) return "/health";
  if (action.startsWith("proposal_")) return `/proposals/${id}`;
  if (action === "published" || action === "restored") return `/versions/${id}`;
  if (action === "canary_stopped") return `/canaries/${id}`;
  if (action === "paused" || action === "resumed") return "/health";
  return customerId === undefined ? undefined : `/customers/${encodeURIComponent(customerId)}`;
}

/** A difference, where the entry says what was before: `from ann`. Everything else that it says, as names and values. */
export const auditDetails = (details: Readonly<Record<string, unknown>>): readonly (readonly [name: string, value: string])[] =>
  Object.entries(details)
    .filter(([name, value]) => name !== "note" && value !== false && value !== undefined)
    .map(([name, value]) => [name === "from" ? "before" : name, typeof value === "string" ? value : JSON.stringify(value)]);

/** The page in a sentence, for so many entries; `isWhole`: there are no earlier ones. */
export function auditAnswer(entries: number, isWhole: boolean): string {
  if (entries === 0) return "Nobody has changed anything.";
  if (entries === 1) return "1 change by a person, with the reason where one was given.";
  return `${isWhole ? count(entries) : `The latest ${count(entries)}`} changes by people, each with its reason where one was given.`;
}

// --- internal ---

const WORDS: Readonly<Record<string, string>> = {
  "task.claimed": "claimed a task",
  "task.returned": "returned a task to its queue",
  "task.done": "ended a task",
  "approval.approved": "approved a message",
  "approval.rejected": "rejected a message",
  "promise.kept": "marked a promise as kept",
  "case.closed": "closed a case",
  "customer.exported": "exported what is held about a person",
  "customer.merged": "merged two customers",
  "customer.split": "separated two customers",
  "customers.imported": "imported customers",
  "address.lifted": "made an address usable again",
  "session.begun": "signed in",
  "session.ended": "ended a session",
  "run.retried": "had a run decided again",
  canary_stopped: "stopped a canary",
  canary_approved: "approved a canary for all customers",
  proposal_made: "proposed an experience",
  proposal_revised: "revised a proposal",
  proposal_approved: "approved a proposal",
  proposal_rejected: "rejected a proposal",
  published: "published a version",
  restored: "rolled back to a version",
  paused: "paused",
  resumed: "resumed",
  "dead.revived": "revived a dead letter",
  "dead.discarded": "discarded a dead letter",
};
