import { expect, test } from "vitest";
import { briefOf, recordFacts } from "./brief.ts";

const at = "2026-03-24T15:00:00Z";
const fact = { value: "Omar", source: "crm", at };

test("what a task brings along is in words: why first, times last; facts of the record stand apart", () => {
  const facts = { value: 9000, reason: "more than $5,000", askedAt: at, firstName: fact, data: { vans: 6 }, mileage: 12 };
  expect(briefOf(facts)).toEqual([
    { name: "Why it was asked", text: "more than $5,000" },
    { name: "Worth", text: "9000" },
    { name: "What is known of it", text: "vans: 6" },
    { name: "Asked", at },
    { name: "mileage", text: "12" },
  ]);
  expect(recordFacts(facts)).toEqual({ firstName: fact });
});

test("what a language model says of a conversation is named so, and follows the conversation", () => {
  const facts = { summary: "They want nothing.", why: "left to a human", messages: ["Where is my van?"], before: [], done: [] };
  expect(briefOf(facts).map(({ name }) => name)).toEqual([
    ...["Why", "The customer's messages", "Said before", "Done already", "In short, by a language model"],
  ]);
});

test.each([
  ["contacts", { at, channel: "email", experience: "model-news" }, { at, text: "model-news by email" }],
  ["contacts", { at, channel: "showroom", kind: "visit" }, { at, text: "visit by showroom" }],
  ["words", "Where is my car?", { text: "Where is my car?" }],
  ["before", { by: "customer", text: "Hello" }, { text: "the customer: Hello" }],
  ["before", { by: "us", text: "Good day" }, { text: "we: Good day" }],
  ["done", { tool: "book", input: { day: "2026-04-01" }, status: "done" }, { text: "book (day: 2026-04-01): done" }],
  ["other", { at, what: "x" }, { at, text: "what: x" }],
  ["contacts", "odd", { text: "odd" }],
])("of %s the entry %o is %o", (path, entry, wanted) => {
  expect(briefOf({ [path]: [entry] })[0]?.list).toEqual([wanted]);
});

test.each([
  [{ approvalId: "a_1" }, { name: "Approval", approval: "a_1" }],
  [{ cases: [] }, { name: "Open cases", text: "none" }],
  [{ note: "2026-03-24" }, { name: "note", text: "2026-03-24" }],
])("%o is %o", (facts, wanted) => {
  expect(briefOf(facts)).toEqual([wanted]);
});
