import type { JsonObject } from "../../domain/values/json.ts";
import type { CaseState } from "./case-state.ts";

/** Something that a customer or the shop wants done, and its permitted effects. */
export interface Task {
  readonly id: string;
  readonly traits?: JsonObject;
  readonly consents: Readonly<Record<string, "granted" | "denied">>;
  readonly signal: readonly [type: string, data: JsonObject];
  /** The customer's message. Without one, text of a carrier becomes a message before it. */
  readonly words?: string;
  /** The change that the customer confirms: yes if the last message shows it and nothing else of theirs, no otherwise. */
  readonly confirms?: string;
  /** Experiences that may be decided for, and their permitted channels. */
  readonly experiences: readonly string[];
  readonly channels: readonly string[];
  isDone(state: CaseState): boolean;
  /** Whether the customer was served otherwise: an authored answer, and a hand-off to a fully informed human. */
  isLeftToHuman?(state: CaseState): boolean;
}

const SMS = { sms: "granted" } as const;
const says = ({ outgoing }: CaseState, words: string): boolean => outgoing.some(({ text }) => text.includes(words));
const human = ({ tasks, outgoing }: CaseState): boolean =>
  outgoing.length > 0 && tasks.some(({ summary }) => summary.startsWith("answer "));
const answered = { experiences: ["answer"], isLeftToHuman: human };
const bySms = { ...answered, consents: SMS, channels: ["sms"], signal: ["message.received", { channel: "sms" }] } as const;
const byMail = { ...answered, consents: {}, channels: ["email"], signal: ["message.received", { channel: "email" }] } as const;

/** Twelve typical requests to the shop: every agent that calls a model takes part in some of them. */
export const TASKS: readonly Task[] = [
  { ...bySms, id: "where an order is", words: "Where is my order A-17?", isDone: (state) => says(state, "arrives on 5 June") },
  {
    ...bySms,
    id: "a new address",
    words: "Please deliver to 7 Elm Street from now on",
    confirms: "7 Elm Street",
    isDone: ({ traits }) => traits.address === "7 Elm Street",
  },
  {
    ...bySms,
    id: "a return",
    words: "I want to return A-17",
    confirms: "A-17",
    isDone: ({ returns }) => returns.length === 1,
  },
  { ...byMail, id: "a price", words: "What does the roof rack cost?", isDone: (state) => says(state, "costs 200") },
  {
    ...byMail,
    id: "a code",
    words: "Is there a code for the roof rack?",
    isDone: (state) => state.offers.some(({ code, percent }) => percent === 10 && says(state, code)),
  },
  { ...byMail, id: "a human", words: "I want to talk to a human", isDone: human },
  {
    id: "a complaint",
    consents: {},
    signal: ["ticket.opened", { subject: "My visit" }],
    words: "I am very unhappy with your service",
    ...{ experiences: ["apology"], channels: ["email"] },
    isDone: (state) => says(state, "we are sorry"),
  },
  {
    id: "a damage",
    consents: {},
    signal: ["ticket.opened", { subject: "My car" }],
    words: "The roof rack broke and damaged my car",
    ...{ experiences: ["goodwill", "apology"], channels: ["email"] },
    isDone: ({ approvals }) => approvals.some(({ experienceId, state }) => experienceId === "goodwill" && state === "pending"),
  },
  {
    id: "a lease that ends",
    traits: { lease: { endsOn: "2026-08-01" } },
    consents: {},
    signal: ["lease.updated", {}],
    ...{ experiences: ["lease-end"], channels: ["email"] },
    isDone: (state) => says(state, "1 August 2026") && says(state, "https://northwind.example/lease"),
  },
  {
    id: "a review",
    consents: SMS,
    signal: ["order.delivered", {}],
    ...{ experiences: ["review-request"], channels: ["sms"] },
    isDone: (state) => says(state, "https://northwind.example/r"),
  },
  {
    id: "a cart left behind",
    consents: {},
    signal: ["cart.left", {}],
    ...{ experiences: ["win-back"], channels: ["email"] },
    isDone: (state) => state.offers.some(({ code }) => says(state, code)),
  },
  {
    id: "a service that is due",
    consents: { sms: "granted", email: "denied" },
    signal: ["car.due", {}],
    ...{ experiences: ["service-due"], channels: ["sms"] },
    isDone: (state) => says(state, "due for its service"),
  },
];
