import { expect, test } from "vitest";
import { z } from "zod";
import { problemsOfDeclaration } from "./check-declaration.ts";
import { channels } from "./index.ts";

const whole = {
  kind: "pager",
  options: z.object({ url: z.string() }),
  content: z.object({ text: z.string(), more: z.unknown() }),
  connect: async () => ({ send: async () => ({}) }),
};
const { connect: _, ...withoutConnect } = whole;
const { content: _content, ...withoutContent } = whole;

test.each<[string, unknown, RegExp]>([
  ["no connect", withoutConnect, /^connect: expected a function that connects and gives \{send\}$/],
  ["no content", withoutContent, /^content: expected a z\.object\(\{…\}\) of what an experience writes for it$/],
  ["no object of options", { ...whole, options: z.string() }, /^options: expected a z\.object/],
  ["a name with blanks", { ...whole, kind: "my pager" }, /^kind: expected a name like pager/],
  ["a member that there is not", { ...whole, consents: "free" }, /^consents is no member of a channel$/],
  ["a consent that there is not", { ...whole, consent: "always" }, /^consent: expected opt_in, opt_out, free$/],
  ["an address that there is not", { ...whole, address: "fax" }, /^address: expected email, phone, push, none$/],
  ["services that are no flag", { ...whole, services: "slack" }, /^services: expected true or false$/],
  ["a form that there is not", { ...whole, text: { text: { form: "bold" } } }, /^text: text: form: expected plain, line, html, data$/],
  ["a length that is none", { ...whole, text: { text: { most: 0 } } }, /^text: text: most: expected a number of characters$/],
  ["an alphabet that there is not", { ...whole, text: { text: { alphabet: "latin" } } }, /^text: text: alphabet: expected gsm7$/],
  ["a text that is no field", { ...whole, text: { title: { most: 9 } } }, /^text: title is no field of content$/],
  ["a text that every object has", { ...whole, text: { toString: { most: 9 } } }, /^text: toString is no field of content$/],
  ["words in data", { ...whole, text: { more: { form: "data", most: 9 } } }, /^text: more: data has no words; expected no most$/],
  ["an answer that is no words", { ...whole, text: { text: { answer: 9 } } }, /^text: text: expected most beside answer$/],
  ["W9: counts as an option", { ...whole, options: z.object({ counts: z.boolean() }) }, /^options: counts means something/],
  ["an option of every channel", { ...whole, options: z.object({ address: z.string() }) }, /^options: address means something/],
  [
    "a content of every channel",
    { ...whole, content: z.object({ brief: z.string() }) },
    /^content: brief is there for every channel already$/,
  ],
  ["an inbound without open", { ...whole, inbound: { options: z.object({}) } }, /^inbound: open: expected a function/],
  ["an inbound without options", { ...whole, inbound: { open: () => undefined } }, /^inbound: options: expected a zod schema$/],
  ["no object at all", "pager", /^expected what defineChannel makes$/],
])("%s", (_what, value, problem) => expect(problemsOfDeclaration(value).join("\n")).toMatch(problem));

test("every problem is reported at once", () => expect(problemsOfDeclaration({ kind: 1 })).toHaveLength(4));

test.each(channels.filter(({ makesTask, isAsked }) => !makesTask && !isAsked).map((channel) => [channel.kind, channel] as const))(
  "the product's own %s is held to the same",
  (_kind, channel) => {
    // The product's mail channel looks at its service too, which another channel's code gets from its inbound reader.
    expect(problemsOfDeclaration(channel).filter((problem) => !problem.startsWith("options: inbound"))).toEqual([]);
  },
);
