import { expect, test } from "vitest";
import { createScriptedModel } from "../models/scripted.ts";
import { NOW } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { createTextReader } from "./try-text.ts";

const policy = policyOf(`
  moments:
    address: {on: message.received, says: ["I moved house", "please update my address", "my new address is"], expires: 2d, when: customer.active}
    cancel: {on: [message.received, review.posted], says: ["I want to cancel my contract", "please end my subscription"], expires: 2d}
    waiting: {on: message.received, expires: 1d}
    m: {on: go, expires: 30d}
`);

const reader = (model?: Parameters<typeof createTextReader>[0]) => createTextReader(model, () => NOW);

test("intents try: what opens, how sure, by which examples, and what opens anyway", async () => {
  const tried = await reader()("Hello, please cancel my contract", policy);
  expect(tried).toMatchObject({ by: "classifier", threshold: 0.58, opens: ["cancel"], anyway: ["waiting"], notes: [] });
  expect(tried).not.toHaveProperty("model");
  const [first, second] = tried.moments;
  expect(first).toMatchObject({ name: "cancel", opens: true, on: ["message.received", "review.posted"] });
  expect(first?.examples[0]?.text).toBe("I want to cancel my contract");
  expect(first?.examples.map(({ likeness }) => likeness)).toEqual(
    [...(first?.examples ?? [])].map(({ likeness }) => likeness).sort((a, b) => b - a),
  );
  expect(second).toMatchObject({ name: "address", opens: false, when: "customer.active" });
  expect(second?.confidence).toBeLessThan(0.5);
});

test("intents try: it says what the classifier of decisions says", async () => {
  for (const text of ["I moved house", "please cancel, and by the way I moved house", "what is the weather", "ich bin umgezogen"]) {
    const { opens, moments } = await reader()(text, policy);
    const spoken = policy.classify({ type: "message.received", data: { text } }) ?? [];
    expect(opens.toSorted()).toEqual(spoken.map(({ name }) => name).toSorted());
    for (const { name, confidence } of spoken) expect(moments.find((one) => one.name === name)?.confidence).toBe(confidence);
  }
});

test("intents try: none opens", async () => {
  expect(await reader()("what is the weather", policy)).toMatchObject({ opens: [], moments: [{ opens: false }, { opens: false }] });
  expect(await reader()("hello", policyOf(""))).toMatchObject({
    opens: [],
    moments: [],
    notes: ["no moment has says, so no text opens one"],
  });
});

test("intents try: a language model of the workspace is asked, and named as the one who read", async () => {
  const says = { moments: [{ name: "address", confidence: 0.9, quote: "umgezogen" }] };
  const model = createScriptedModel([{ prompt: "read-message", says }]);
  const tried = await reader(model)("ich bin umgezogen", policy);
  expect(tried).toMatchObject({
    by: "model",
    model: "scripted",
    opens: ["address"],
    moments: [{ name: "address", confidence: 0.9, opens: true }, { confidence: 0 }],
  });
});

test("intents try: where the model gives no answer, the classifier reads, and the answer says so", async () => {
  const model = createScriptedModel([{ prompt: "read-message", fails: "timeout" }] as never);
  const tried = await reader(model)("I moved house", policy);
  expect(tried).toMatchObject({ by: "classifier", model: "scripted", opens: ["address"] });
  expect(tried.notes[0]).toMatch(/^the language model gave no answer \(.*\), so the classifier has read it$/);
});

test("intents try: an empty answer of the model does not silence a classifier that is sure, and the answer says so", async () => {
  const tried = await reader(createScriptedModel([{ prompt: "read-message", says: { moments: [] } }]))("I moved house", policy);
  expect(tried).toMatchObject({ by: "classifier", opens: ["address"] });
  expect(tried.notes).toEqual(["the language model found no moment, and the classifier is sure of one"]);
});
