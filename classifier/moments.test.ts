import { describe, expect, test } from "vitest";
import type { Policy } from "../domain/entities/policy.ts";
import { interpret } from "../domain/moments/interpret.ts";
import type { Json } from "../domain/values/json.ts";
import { aCustomer, aSignal, NOW, timerWake } from "../testing/builders.ts";
import { policyOf as policyWith } from "../testing/policy.ts";

const policyOf = (settings: string): Policy => policyWith(settings, []);

const MOMENTS = `
  moments:
    wants_address_change: {on: message.received, expires: 2d, says: [I moved house, please update my address, my new street is different from the one you have]}
    wants_to_cancel: {on: message.received, expires: 2d, says: [cancel my subscription, I want to end my membership, please stop my plan]}
    reports_damage: {on: message.received, expires: 2d, says: [the item arrived broken, there is a crack in the screen, my order was damaged in the post]}
    asks_for_refund: {on: [message.received, survey.answered], expires: 2d, says: [I want my money back, please refund me, how do I get a refund for this order]}
`;

const ofMany = policyOf(MOMENTS);
const ofOne = policyOf(
  "moments: {wants_address_change: {on: message.received, expires: 2d, says: [I moved house, please update my address]}}",
);

const heard = (policy: Policy, text: Json, type = "message.received") => policy.classify(aSignal(type, { text }))?.map(({ name }) => name);

describe("a text opens the moment it speaks of", () => {
  test.each([
    ["we have moved to another house last week", "wants_address_change"],
    ["Could you update the address you have for me?", "wants_address_change"],
    ["I'd like to cancel the subscription please", "wants_to_cancel"],
    ["how can i end my membership", "wants_to_cancel"],
    ["the screen has a crack", "reports_damage"],
    ["My order arrived damaged!!", "reports_damage"],
    ["can I have a refund", "asks_for_refund"],
    ["give me my money back", "asks_for_refund"],
    ["please updat my adress", "wants_address_change"],
  ])("%s", (text, name) => {
    expect(heard(ofMany, text)).toEqual([name]);
  });
});

describe("a text that fits nothing opens nothing", () => {
  const unrelated = [
    "hello",
    "thanks a lot, bye",
    "what time do you open on Saturday",
    "is the blue jacket in stock",
    "my cat likes your packaging",
    "who is the manager of this branch",
    "can I pay by card",
    "",
    "!!! ??? 😀",
    "どこで買えますか",
    "xqzt blorf wug",
  ];

  test.each(unrelated)("of several: %j", (text) => {
    expect(heard(ofMany, text)).toEqual([]);
  });

  test.each(unrelated)("of one only: %j", (text) => {
    expect(heard(ofOne, text)).toEqual([]);
  });
});

describe("a text may open several moments", () => {
  test.each([
    ["I moved house and I want to cancel my subscription", ["wants_address_change", "wants_to_cancel"]],
    ["My order was damaged in the post. Please refund me!", ["reports_damage", "asks_for_refund"]],
    [
      "Hello,\nthe item arrived broken.\nAlso, I have moved house, please update my address.\nRegards",
      ["wants_address_change", "reports_damage"],
    ],
  ])("%s", (text, names) => {
    expect(heard(ofMany, text)).toEqual(names);
  });
});

test("an example opens its moment, and every moment that has it", () => {
  const policy = policyOf(`
    moments:
      a: {on: message.received, expires: 2d, says: [I moved house]}
      b: {on: message.received, expires: 2d, says: [I moved house, hello]}
      c: {on: message.received, expires: 2d, says: [where is my parcel]}
  `);
  expect(heard(policy, "I moved house.")).toEqual(["a", "b"]);
  expect(heard(policy, "Hello!")).toEqual(["b"]);
});

test("an example that resembles a background text opens its moment too", () => {
  const policy = policyOf("moments: {hours: {on: message.received, expires: 2d, says: [what are your opening hours]}}");
  expect(heard(policy, "what are the opening hours")).toEqual(["hours"]);
});

test("quotes of earlier messages are not read", () => {
  expect(heard(ofMany, "ok, see you then\n> please refund me\n> I want my money back")).toEqual([]);
});

test("only moments that listen to the type of the signal are opened", () => {
  expect(heard(ofMany, "please refund me", "survey.answered")).toEqual(["asks_for_refund"]);
  expect(heard(ofMany, "cancel my subscription", "survey.answered")).toEqual([]);
  expect(heard(ofMany, "please refund me", "page.viewed")).toBeUndefined();
});

test("a signal without text is not read", () => {
  expect(heard(ofMany, null)).toBeUndefined();
  expect(heard(ofMany, 7)).toBeUndefined();
});

test("two policies from the same examples give equal confidences, to the last digit", () => {
  const signal = aSignal("message.received", { text: "we moved to a new house and need a refund" });
  expect(policyOf(MOMENTS).classify(signal)).toEqual(ofMany.classify(signal));
});

test("the confidence lies between the threshold and one, and is higher for an example's own words", () => {
  const sure = (text: string) => ofMany.classify(aSignal("message.received", { text }))?.[0]?.confidence ?? 0;
  const [loose, exact] = [sure("can I have a refund"), sure("please refund me")];
  expect(loose).toBeGreaterThanOrEqual(0.5);
  expect(exact).toBeGreaterThanOrEqual(0.99);
  expect(loose).toBeLessThan(exact);
});

test("a very long text is truncated and classified", () => {
  expect(heard(ofMany, `please refund me. ${"la ".repeat(500_000)}`)).toEqual(["asks_for_refund"]);
});

test("of a very long text the end is read as well", () => {
  expect(heard(ofMany, `Hello there. ${"Yes. No. Well then. ".repeat(5_000)} Please refund me.`)).toEqual(["asks_for_refund"]);
});

test("a moment that opens by absence needs no text for it", () => {
  const policy = policyOf(
    "moments: {quiet: {on: message.received, says: [I am leaving], absent: {signal: page.viewed, for: 9d}, expires: 2d}}",
  );
  const { customer } = interpret(aCustomer(), timerWake("absent:quiet"), { policy, now: NOW, taken: () => false });
  expect(customer.moments.map(({ name }) => name)).toEqual(["quiet"]);
});
