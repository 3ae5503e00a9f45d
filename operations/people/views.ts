import { z } from "zod";
import { shown } from "../../domain/identity/masking.ts";
import { StoryGhost, StoryItem } from "../../domain/story/story-item.ts";

// What look-ups of people and their stories answer. Times are ISO 8601.

/** How far a list has looked. `whole`: nothing before it is left. */
const Searched = shown(z.object({ from: z.string().optional(), to: z.string().optional(), whole: z.boolean() }));
const next = shown(z.string().optional().describe("The cursor of the page before this one; absent where there is none."));

/** The zone of a customer's days and hours: their own, or the workspace's. */
const Zone = z.object({ name: shown(z.string()), from: z.enum(["customer", "workspace"]), unknown: z.string().optional() });

export const FoundView = z.object({
  kind: z.enum(["customer", "decision", "run", "delivery", "task", "experience"]),
  id: z.string(),
  customerId: z.string().optional(),
  title: z.string(),
  by: z.enum(["id", "address", "name"]),
});
export type FoundView = Readonly<z.infer<typeof FoundView>>;
export const SearchView = z.object({ q: shown(z.string()), found: z.array(FoundView) });
export type SearchView = Readonly<z.infer<typeof SearchView>>;

export const CustomerLine = z.object({
  customerId: z.string(),
  name: z.string().optional(),
  last: z
    .object({ decisionId: z.string(), at: z.string(), action: z.string(), experienceId: z.string().optional() })
    .optional()
    .describe("The last decision."),
  stage: shown(z.string()).optional().describe("Where the customer stands, where the workspace has stages."),
  openCases: z.number().int(),
  openPromises: z.number().int(),
  latePromises: z.number().int(),
  atCap: z.boolean(),
  contacts: z.number().int().describe("Within the last seven days."),
});
export type CustomerLine = Readonly<z.infer<typeof CustomerLine>>;
export const CustomersPage = z.object({
  customers: z.array(CustomerLine),
  next,
  searched: z.object({ customers: z.number().int(), whole: z.boolean() }).describe("How many were looked at, and whether that was all."),
});
export type CustomersPage = Readonly<z.infer<typeof CustomersPage>>;

export const StoryView = z.object({
  customerId: z.string(),
  alsoKnownAs: shown(z.array(z.string())).optional(),
  name: z.string().optional(),
  timezone: Zone,
  departments: shown(z.array(z.string())),
  items: z.array(StoryItem).describe("In order of time; a page holds the latest."),
  ghosts: z.array(StoryGhost).optional().describe("What each department alone would have sent."),
  next,
  searched: Searched,
});
export type StoryView = Readonly<z.infer<typeof StoryView>>;

export const ContactsView = z.object({
  customerId: z.string(),
  timezone: Zone,
  days: z
    .array(z.object({ date: shown(z.string()), contacts: z.number().int(), departments: z.record(z.string(), z.number().int()) }))
    .describe("Days of the customer's calendar that have contacts."),
  caps: z.array(
    z.object({
      id: z.string(),
      max: z.number().int(),
      used: z.number().int(),
      window: shown(z.string()),
      calendar: z.boolean(),
      channel: z.string().optional(),
      department: z.string().optional(),
      roomAt: z.string().optional().describe("Of a cap that is used up: from when there is room again; absent where there never is."),
    }),
  ),
  searched: Searched,
});
export type ContactsView = Readonly<z.infer<typeof ContactsView>>;

export const ConversationView = z.object({
  customerId: z.string(),
  timezone: Zone,
  lines: z
    .array(
      z.object({
        at: z.string(),
        by: z.enum(["customer", "us"]),
        channel: z.string(),
        subject: z.string().optional(),
        text: z.string(),
        isCut: z.boolean().optional().describe("The text is longer than what is shown."),
        signal: z.object({ source: z.string(), id: z.string() }).optional(),
        deliveryId: z.string().optional(),
        decisionId: z.string().optional(),
        experienceId: z.string().optional(),
        department: z.string().optional(),
        status: z.string().optional(),
      }),
    )
    .describe("In order of time; a page holds the latest."),
  next,
});
export type ConversationView = Readonly<z.infer<typeof ConversationView>>;

export const HoldingsView = z.object({
  customerId: z.string(),
  alsoKnownAs: shown(z.array(z.string())).optional(),
  rows: z.number().int(),
  tables: z.array(z.object({ table: shown(z.string()), rows: z.number().int() })),
});
export type HoldingsView = Readonly<z.infer<typeof HoldingsView>>;

export const TouchView = z.object({
  customerId: z.string(),
  kind: z.enum(["visit", "call", "chat"]),
  department: z.string().optional(),
  by: z.string(),
  signal: z.object({ source: z.string(), id: z.string() }),
  changed: z.boolean(),
  wakes: z.string().optional().describe("The customer, who is decided again because of it."),
});
export type TouchView = Readonly<z.infer<typeof TouchView>>;
