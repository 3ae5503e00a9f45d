import { z } from "zod";
import { parseInstant } from "../../domain/values/time.ts";
import { ProfileView } from "../look-up-views.ts";
import { CUSTOMER_FLAGS } from "./requests.ts";
import { ContactsView, ConversationView, CustomersPage, HoldingsView, SearchView, StoryView, TouchView } from "./views.ts";

// Routes of people: search, lists, and everything about one customer.

/** The most entries of a page. */
const MOST = 200;

const time = z
  .string()
  .refine((text) => parseInstant(text) !== undefined, "expected an ISO 8601 time with a zone, like 2026-06-01T15:00:00Z");
const limit = (otherwise: number) =>
  z.coerce
    .number("expected a number")
    .int("expected a whole number")
    .min(1, "expected at least 1")
    .max(MOST, `at most ${MOST} are returned at once`)
    .default(otherwise);
const cursor = z.string().min(1).max(2_000).optional().describe("The next of the answer before.");
const within = { from: time.optional(), to: time.optional() };

const get = <Input extends z.ZodType, Answer extends z.ZodType>(
  permission: "read" | "content",
  path: string,
  summary: string,
  input: Input,
  answer: Answer,
) => ({ permission, method: "get", path, summary, input, answer }) as const;

export const peopleLookUps = {
  customers: {
    show: get("read", "/v1/customers/{id}", "A golden record: every field with its source and age.", z.object({}), ProfileView),
    list: get(
      "read",
      "/v1/customers",
      "Customers of the last 1,000 decisions, or those with an open case, a late promise, or a cap without room.",
      z.object({ limit: limit(50), cursor, flag: z.enum(CUSTOMER_FLAGS).optional() }),
      CustomersPage,
    ),
    story: get(
      "read",
      "/v1/customers/{id}/story",
      "What happened to a customer and what was decided, in order of time: signals, decisions, deliveries, outcomes, contacts, tasks, promises.",
      z
        .object({ limit: limit(100), cursor, ...within, ghosts: z.enum(["true", "false"]).optional() })
        .transform(({ ghosts, ...rest }) => ({ ...rest, ghosts: ghosts === "true" })),
      StoryView,
    ),
    contacts: get(
      "read",
      "/v1/customers/{id}/contacts",
      "Contacts by day and department, within 91 days unless said otherwise, and how each cap stands now.",
      z.object(within),
      ContactsView,
    ),
    conversation: get(
      "content",
      "/v1/customers/{id}/conversation",
      "What a customer wrote and what was written to them, in order of time.",
      z.object({ limit: limit(50), cursor }),
      ConversationView,
    ),
    holdings: get(
      "read",
      "/v1/customers/{id}/holdings",
      "How many rows are held about a person, by table: what an export contains and an erasure removes.",
      z.object({}),
      HoldingsView,
    ),
  },
  search: {
    find: get(
      "read",
      "/v1/search",
      "Finds records by the beginning of their id, customers by an address in any spelling or by name, experiences by name.",
      z.object({ q: z.string("expected q, what to look for").trim().min(1, "expected q, what to look for").max(512) }),
      SearchView,
    ),
  },
};

export const touchLine = {
  permission: "task",
  method: "post",
  path: "/v1/customers/{id}/touches",
  summary: "Records that a person was in contact with a customer, as the signal human.touch in the name of the actor.",
  input: z.object({
    kind: z.enum(["visit", "call", "chat"], "expected kind: visit, call or chat"),
    department: z.string().min(1).max(200).optional().describe("The department that it counts for under caps."),
    key: z.string().min(8).max(200).optional().describe("The same key again records nothing."),
  }),
  answer: TouchView,
} as const;
