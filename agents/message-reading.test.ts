import { describe, expect, test } from "vitest";
import { newCustomer } from "../domain/entities/customer.ts";
import type { Signal } from "../domain/entities/signal.ts";
import type { JsonObject } from "../domain/values/json.ts";
import { at } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import type { LanguageModel } from "./agent.ts";
import { spokenIn } from "./message-reading.ts";
import type { WakeRun } from "./wake-run.ts";

const NOW = at("2026-06-01T15:00:00Z");
const QUESTION = "Shall we change your address?";
const POLICY = policyOf("moments: {moving: {on: [message.received, ticket.created], says: [change my address], expires: 2d}}", []);

/** A model that finds the moment in any text, and quotes it whole. */
const finder: LanguageModel = {
  name: "finder",
  memory: { get: () => undefined, set: () => {} },
  ask: async ({ answer }, variables) => ({
    ok: true,
    value: answer.parse({ moments: [{ name: "moving", confidence: 1, quote: (variables as { text: string }).text }] }),
    usage: { inputTokens: 0, outputTokens: 0, usd: 0 },
    attempts: 1,
  }),
};

/** A model that finds nothing. */
const silent: LanguageModel = {
  ...finder,
  ask: async ({ answer }) => ({
    ok: true,
    value: answer.parse({ moments: [] }),
    usage: { inputTokens: 0, outputTokens: 0, usd: 0 },
    attempts: 1,
  }),
};

async function heardIn(type: string, data: JsonObject, model = finder, policy = POLICY): Promise<readonly string[] | undefined> {
  const signal: Signal = { source: "channel/email", id: "s-1", type, customerId: "c-1", time: NOW, data, seq: 1 };
  const one: WakeRun = { wakeId: "s-1", runId: "r", wake: { kind: "signal", signal }, now: NOW, asked: [], rejected: [], steps: [] };
  const spoken = await spokenIn(signal, newCustomer("c-1", { kind: "import", at: NOW }), one, { policy, model });
  return spoken?.map(({ name }) => name);
}

test("F6: the subject of an answer without text of its own is ours, and opens nothing", async () => {
  expect(await heardIn("message.received", { subject: `Re: ${QUESTION}`, providerId: "d_1", thread: "d_1" })).toBeUndefined();
  expect(await heardIn("message.received", { subject: `Re: ${QUESTION}`, text: "Yes, change it" })).toEqual(["moving"]);
  expect(await heardIn("message.received", { note: "Please change it" })).toEqual(["moving"]);
});

test("other signals without a text are read whole, including their subject", async () => {
  expect(await heardIn("ticket.created", { subject: "Change my address" })).toEqual(["moving"]);
});

describe("an empty answer of the model", () => {
  const says = ["change my address", "I have moved to a new street"];
  const keeping = (more: readonly string[]) =>
    policyOf(`moments: {moving: {on: message.received, says: ${JSON.stringify([...says, ...more])}, expires: 2d}}`, []);
  const heard = (text: string, policy = keeping([])) => heardIn("message.received", { text }, silent, policy);

  test("does not silence a classifier that is sure", async () => {
    expect(await heard("please change my address")).toEqual(["moving"]);
  });

  test("holds where the classifier is less sure, although it would open the moment by itself", async () => {
    const text = "where is the street";
    const [alone] = keeping([]).classify({ type: "message.received", data: { text } }) ?? [];
    expect(alone?.confidence).toBeLessThan(0.8);
    expect(alone?.confidence).toBeGreaterThanOrEqual(0.58);
    expect(await heard(text)).toEqual([]);
  });

  test('holds where the text says "not", unless examples of the moment do', async () => {
    expect(await heard("please do not change my address")).toEqual([]);
    expect(await heard("you did not change my address", keeping(["you have not changed my address"]))).toEqual(["moving"]);
  });
});

test("of a long text the model is shown its beginning and its end", async () => {
  let shown = "";
  const reading: LanguageModel = {
    ...silent,
    ask: (prompt, variables, asker) => {
      shown = (variables as unknown as { text: string }).text;
      return silent.ask(prompt, variables, asker);
    },
  };
  await heardIn("ticket.created", { text: `Hello. ${"bla ".repeat(5_000)} And change my address.` }, reading);
  expect(shown).toMatch(/^Hello\. .* And change my address\.$/s);
  expect(shown.length).toBeLessThanOrEqual(6_000);
});
