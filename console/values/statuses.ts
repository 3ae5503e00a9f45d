import type { MarkKind } from "./marks.ts";

// Statuses of records, as marks. Red is for what failed, and for what may have failed.

/** By the status of a delivery. */
export const DELIVERY_MARKS: Readonly<Record<string, MarkKind>> = {
  reserved: "waits",
  sending: "waits",
  sent: "sent",
  delivered: "sent",
  bounced: "failed",
  failed: "failed",
  uncertain: "failed",
  cancelled: "held",
};

/** By the status of a call of a tool. */
export const CALL_MARKS: Readonly<Record<string, MarkKind>> = {
  planned: "waits",
  running: "waits",
  done: "sent",
  failed: "failed",
  uncertain: "failed",
  cancelled: "held",
};

/** The meaning of a status, for readers who do not know the word. */
export const STATUS_WORDS: Readonly<Record<string, string>> = {
  reserved: "waits to be handed over",
  sending: "is being handed over",
  sent: "the provider has taken it",
  delivered: "it has arrived",
  bounced: "it came back",
  failed: "the provider refused it, or could not be reached",
  uncertain: "it may have gone out: nobody knows, so it is not repeated",
  cancelled: "was stopped before it went",
  planned: "waits to be called",
  running: "is being called",
  done: "has answered",
};

/** By the state of an approval. */
export const APPROVAL_MARKS = { pending: "task", approved: "sent", rejected: "held", lapsed: "silent" } as const;

/** By the state of a task. */
export const TASK_MARKS = { open: "task", claimed: "waits", done: "sent", expired: "silent", withdrawn: "held" } as const;

/** By the status of a proposal. */
export const PROPOSAL_MARKS = { open: "task", approved: "sent", rejected: "held" } as const;

/** By the status of a rehearsal. */
export const REHEARSAL_MARKS = { waiting: "waits", running: "waits", done: "sent", cancelled: "held", failed: "failed" } as const;

/** By the state of a canary: one that runs is on its way, one that was stopped is kept from its customers. */
export const CANARY_MARKS = { running: "waits", stopped: "held" } as const;

/** By the state of a promise. */
export const PROMISE_MARKS = { open: "waits", kept: "sent", withdrawn: "held" } as const;
