import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";
import { PauseView } from "../views.ts";

// What look-ups for people at work answer. Times are ISO 8601.

const Count = z.object({
  count: z.number().int(),
  atLeast: z.literal(true).optional().describe("There are more: counting ended at a bound."),
});
const atLeast = Count.shape.atLeast;

const Day = z.object({
  decisions: z.number().int(),
  silent: z.number().int().describe("Decisions to stay silent."),
  delivered: z.number().int().describe("Decisions with a message."),
  outcomes: z.number().int(),
  about: z.literal(true).optional().describe("Shares are of a sample, or counting ended at a bound."),
});

/** Waiting, late and stuck work, and today against the usual day. */
export const OverviewView = z.object({
  at: z.string().describe("The store's time."),
  zone: shown(z.string().describe("The time zone of the workspace, in which its days begin.")),
  since: z.string().describe("What went wrong is counted from here on."),
  waiting: z.object({
    signals: Count,
    oldestSignal: shown(z.string()).optional().describe("When the oldest one was received."),
    timers: Count.describe("Timers that are due."),
    oldestTimer: shown(z.string()).optional(),
  }),
  dead: Count,
  undeliverable: Count.describe("Addresses to which nothing is sent any more."),
  deliveries: z.object({
    states: z.array(z.object({ channel: z.string(), status: z.string(), count: z.number().int() })),
    atLeast,
    oldestOpen: shown(z.string()).optional().describe("When the oldest delivery that is not handed over yet was decided."),
  }),
  calls: z.object({ states: z.array(z.object({ tool: shown(z.string()), status: z.string(), count: z.number().int() })), atLeast }),
  queues: z.array(
    z.object({
      queue: z.string(),
      open: Count,
      claimed: z.number().int(),
      overdue: z.number().int(),
      nextDue: shown(z.string()).optional(),
    }),
  ),
  approvals: Count.extend({
    next: z
      .object({ approvalId: z.string(), customerId: z.string(), experienceId: z.string(), expiresAt: z.string() })
      .optional()
      .describe("The first to expire."),
  }),
  promises: z.object({
    open: Count,
    overdue: Count,
    next: z.object({ promiseId: z.string(), customerId: z.string(), name: shown(z.string()), due: z.string() }).optional(),
  }),
  pauses: z.array(PauseView),
  model: z.object({
    name: shown(z.string()).optional().describe("Absent where the workspace has no language model."),
    tokens: z.number().describe("Today, by UTC."),
    usd: z.number(),
  }),
  embeddings: z
    .object({ tokens: z.number().describe("Today, by UTC."), usd: z.number() })
    .optional()
    .describe("Absent where no embeddings were paid for today."),
  today: Day.extend({ from: shown(z.string()) }),
  usual: Day.extend({ days: z.number().int() })
    .optional()
    .describe("Up to this time of day, the median of the last days, at most 7. Absent on the first day of a store."),
});
export type OverviewView = Readonly<z.infer<typeof OverviewView>>;

/** An erasure of a person. */
export const ErasedView = z.object({ at: z.string(), by: z.string() });
export type ErasedView = Readonly<z.infer<typeof ErasedView>>;

/** A page of a list. `next` is the cursor of the page that follows. */
export type PageOf<Name extends string, Entry> = { readonly [N in Name]: Entry[] } & { readonly next?: string };

/** How far a list has looked. */
export const Searched = z.object({
  from: shown(z.string()),
  to: shown(z.string()),
  whole: z.boolean().describe("False: reading ended at `from`, before the beginning of what was asked for."),
});

export const ListedDeliveryView = z.object({
  deliveryId: z.string(),
  decisionId: z.string(),
  customerId: z.string(),
  experienceId: z.string(),
  department: z.string().optional(),
  channel: z.string(),
  variant: z.string().optional(),
  locale: z.string().optional(),
  to: z.string().optional(),
  status: z.enum(["reserved", "sending", "sent", "delivered", "bounced", "failed", "uncertain", "cancelled"]),
  reason: z.string().optional(),
  recorded: z.literal(true).optional().describe("Kept in the store only: nothing left the machine."),
  reservedAt: z.string(),
  settledAt: z.string().optional(),
  attempts: z.number().int(),
  providerId: z.string().optional(),
});
export const DeliveriesView = z.object({ deliveries: z.array(ListedDeliveryView), searched: Searched, next: shown(z.string()).optional() });
export type DeliveriesView = Readonly<z.infer<typeof DeliveriesView>>;

export const ListedCallView = z.object({
  key: shown(z.string()),
  tool: shown(z.string()),
  status: z.enum(["planned", "running", "done", "failed", "uncertain", "cancelled"]),
  customerId: z.string().optional(),
  runId: z.string().optional(),
  deliveryId: z.string().optional(),
  at: z.string(),
  finishedAt: z.string().optional(),
  attempts: z.number().int(),
  error: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});
export const CallsView = z.object({ calls: z.array(ListedCallView), searched: Searched, next: shown(z.string()).optional() });
export type CallsView = Readonly<z.infer<typeof CallsView>>;
