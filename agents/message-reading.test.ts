import { expect, test } from "vitest";
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

async function heardIn(type: string, data: JsonObject): Promise<readonly string[] | undefined> {
  const signal: Signal = { source: "channel/email", id: "s-1", type, customerId: "c-1", time: NOW, data, seq: 1 };
  const one: WakeRun = { wakeId: "s-1", runId: "r", wake: { kind: "signal", signal }, now: NOW, asked: new Set(), rejected: [], steps: [] };
  const spoken = await spokenIn(signal, newCustomer("c-1", { kind: "import", at: NOW }), one, { policy: POLICY, model: finder });
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
