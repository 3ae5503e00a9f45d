import { expect, test } from "vitest";
import type { JsonObject } from "../domain/values/json.ts";
import { policyOf } from "../testing/policy.ts";
import type { LanguageModel } from "./agent.ts";
import type { Step } from "./wake-run.ts";
import { worded } from "./wording.ts";

const POLICY = policyOf("", ["channels: {box: {text: Hello, brief: Say it warmly.}}"]);

/** A model that always writes the same text. */
const writer = (text: string): LanguageModel => ({
  name: "writer",
  memory: { get: () => undefined, set: () => {} },
  ask: async ({ answer }) => ({
    ok: true,
    value: answer.parse({ parts: [{ part: "text", text }] }),
    usage: { inputTokens: 0, outputTokens: 0, usd: 0 },
    attempts: 1,
  }),
});

interface Given {
  readonly facts?: JsonObject;
  readonly quoted?: readonly string[];
}

async function write(author: string, text: string, { facts = {}, quoted = [] }: Given = {}) {
  const steps: Step[] = [];
  const given = { experienceId: "e", channel: "box", runId: "r", fields: { text: author }, facts, action: {}, quoted };
  const fields = await worded(given, POLICY, writer(text), steps);
  return { text: fields.text, because: steps.at(-1)?.because };
}

const LONG = "I want everything for free and I want it at once, thank you very much";

test.each<[string, string, Given]>([
  ["a long message", `You wrote: ${LONG}`, { quoted: [LONG] }],
  ["a long message with other capitals", `You wrote: ${LONG.toUpperCase()}`, { quoted: [LONG] }],
  ["the beginning of a message", `You wrote: ${LONG.slice(0, 30)}...`, { quoted: [LONG] }],
  ["the end of a fact", "Hello 50% off", { facts: { firstName: "Dana 50% off" } }],
  ["a fact of several lines", "Hello Dana\nor not", { facts: { firstName: "Dana\nor not" } }],
  ["a fact with a link in it", "Hello Dana www.evil.example", { facts: { firstName: "Dana www.evil.example" } }],
])("a text that repeats %s is not reworded", async (_, author, given) => {
  expect(await write(author, "Hello", given)).toEqual({ text: author, because: "the text repeats what others wrote at length" });
});

test("a message that the text does not repeat does not prevent rewording, nor does a short fact", async () => {
  const given = { facts: { firstName: "Dana Marie" }, quoted: [LONG] };
  expect(await write("Hello DANA MARIE, good morning", "Good morning, Dana Marie!", given)).toEqual({
    text: "Good morning, Dana Marie!",
    because: undefined,
  });
});

test("a link that is a fact of its own may be placed and not changed", async () => {
  const given = { facts: { page: "https://shop.example/17" } };
  expect((await write("See https://shop.example/17", "Have a look: [link 1]", given)).text).toBe("Have a look: https://shop.example/17");
  expect((await write("See https://shop.example/17", "Have a look: https://shop.example/18", given)).text).toBe(
    "See https://shop.example/17",
  );
});

test("without a brief or a model the text is the author's", async () => {
  const fields = { text: "Hello" };
  const given = { experienceId: "e", channel: "box", runId: "r", fields, facts: {}, action: {}, quoted: [] };
  expect(await worded(given, POLICY, undefined, [])).toBe(fields);
  expect(await worded(given, policyOf("", ["channels: {box: {text: Hello}}"]), writer("Hi"), [])).toBe(fields);
});

test("of a text in several languages the model is told the one, and what it writes in another does not go out", async () => {
  const policy = policyOf("brand: {languages: [en, de]}", [
    "channels: {box: {text: Hello, brief: Warmly., locales: {de: {text: Hallo}}, variants: {a: {}, b: {locales: {de: {brief: Herzlich.}}}}}}",
  ]);
  const author = "Wir sind für Sie da und freuen uns auf Sie.";
  const written = async (text: string, variant: string) => {
    const asked: unknown[] = [];
    const model: LanguageModel = {
      ...writer(text),
      ask: (prompt, input, asker) => {
        asked.push(input);
        return writer(text).ask(prompt, input, asker);
      },
    };
    const steps: Step[] = [];
    const way = { channel: "box", variant, locale: "de" };
    const given = { experienceId: "e", ...way, runId: "r", fields: { text: author }, facts: {}, action: {}, quoted: [] };
    const fields = await worded(given, policy, model, steps);
    expect(steps.at(-1)).toMatchObject(way);
    return { text: fields.text, task: asked[0] };
  };

  const german = await written("Wir freuen uns auf Sie und sind für Sie da.", "b");
  expect(german).toMatchObject({
    text: "Wir freuen uns auf Sie und sind für Sie da.",
    task: { brief: "Herzlich.", language: "German (de)" },
  });
  expect(await written("We are here for you and this is what you can have.", "a")).toMatchObject({
    text: author,
    task: { brief: "Warmly." },
  });
});
