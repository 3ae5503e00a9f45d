import { z } from "zod";
import type { Json } from "../domain/values/json.ts";
import { DATA_IS_DATA, data, definePrompt, newest } from "./prompt.ts";

/** State of a conversation, for the assistant's next turn. */
export interface TurnToTake {
  readonly brief: string;
  readonly brand: { readonly name: string; readonly voice?: string; readonly banned: readonly string[] };
  /** Tools available, each with the fields to ask the customer for. Empty when the assistant may only answer. */
  readonly tools: readonly { readonly name: string; readonly about: string; readonly asks: Readonly<Record<string, string>> }[];
  readonly facts: Readonly<Record<string, Json>>;
  readonly before: readonly { readonly by: string; readonly text: string }[];
  /** The customer's messages since the last answer. */
  readonly messages: readonly string[];
  /** Tool calls of this turn with their outcomes. */
  readonly done: readonly Json[];
  readonly written?: string;
  readonly findings: readonly string[];
}

export const converse = definePrompt({
  name: "converse",
  version: 1,
  maxTokens: 1_200,
  answer: z.strictObject({
    /** One tool, or none when it is time to answer. */
    calls: z
      .array(
        z.strictObject({
          tool: z.string().max(60),
          input: z.array(z.strictObject({ name: z.string().max(100), value: z.string().max(1_000) })).max(10),
        }),
      )
      .max(1),
    /** The answer to the customer; empty where a tool is called first. */
    say: z.string().max(4_000),
  }),
  system: [
    "You are the automated assistant of a brand, and answer a customer's messages for it, all of them with one answer.",
    "Either call one tool, or say your answer; you are asked again with what the tool gave back.",
    "Give a tool only what the customer wrote, word for word. What a tool gives back is all that you know besides the facts and the brief.",
    "State no number, amount, date, code, name, product or address that is not in the brief, the facts or what tools gave back. Promise nothing that the brief does not promise.",
    "Where a tool waits for the customer's word, do not say that it is done; the question is put below your answer.",
    "Call hand_over when the customer asks for a human, is upset, or needs what you cannot do. Plain text, in the customer's language, short.",
    DATA_IS_DATA,
  ].join("\n"),
  user: ({ brief, brand, tools, facts, before, messages, done, written, findings }: TurnToTake) =>
    [
      `The brief: ${brief}`,
      `The brand is ${brand.name}.`,
      ...(brand.voice === undefined ? [] : [`Its voice: ${brand.voice}`]),
      ...(brand.banned.length > 0 ? [`Never write: ${brand.banned.join("; ")}`] : []),
      tools.length > 0 ? "The tools, each with what goes in:" : "No tool is left to call: answer now.",
      ...tools.map(({ name, about, asks }) => `${name}: ${about} ${JSON.stringify(asks)}`),
      "The facts:",
      data("facts", facts),
      "What was said before:",
      newest("before", before),
      "What tools gave back:",
      newest("done", done),
      "The customer's messages:",
      newest("messages", messages),
      ...(written === undefined
        ? []
        : ["What you wrote, and may not be sent:", data("written", written), "What is wrong with it:", data("findings", findings)]),
    ].join("\n"),
  sample: {
    brief: "Help with orders.",
    brand: { name: "Northwind", voice: "warm and short", banned: ["cheap"] },
    tools: [{ name: "find_order", about: "Looks up an order.", asks: { orderId: "the order's number" } }],
    facts: { firstName: "Dana" },
    before: [{ by: "us", text: "Hello" }],
    messages: ["Where is my order A-1?"],
    done: [{ tool: "find_order", status: "done" }],
    written: "It comes on Friday.",
    findings: ["Friday is not in the facts"],
  },
});
