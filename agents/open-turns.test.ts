import { expect, test } from "vitest";
import { aCustomer, NOW } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import type { KnownLine } from "./agent.ts";
import { openTurn, openTurns } from "./open-turns.ts";
import type { TurnContext } from "./turn.ts";
import type { OpenDelivery } from "./wake-run.ts";

const policyWith = (without: string) =>
  policyOf("", [`id: answer\ntransactional: true\nconverse: {brief: Help., without: ${without}}`, "id: plain"]);
const policy = policyWith("text");
const conversation = policy.experiences[0]?.converse;
if (!conversation) throw new Error("no conversation");

const deliveryOf = (experienceId: string) =>
  ({
    deliveryId: `m_${experienceId}`,
    experienceId,
    channel: "chat",
    at: NOW,
    frozen: { conversation: { upTo: 9 } },
  }) as unknown as OpenDelivery;
const delivery = deliveryOf("answer");
const promise = { promiseId: "p_1", name: "reply", owner: "service", openedAt: NOW, due: NOW, openedBy: ["k2", "k3"], overdue: false };
const customer = aCustomer({ promises: [promise] });

const said = (text: string, key: string, channel = "chat"): KnownLine => ({ by: "customer", text, key, channel });
const answered = (conversationGave: object, channel = "chat"): KnownLine => ({
  ...{ by: "us", text: "Gladly.", channel, deliveryId: "m_0" },
  result: { conversation: { ...conversationGave } },
});
const turnOf = (...lines: readonly KnownLine[]) => openTurn(delivery, conversation, lines, customer);

test("the messages of the open promise are answered; all others are history", () => {
  const turn = turnOf(said("Hello", "k1"), answered({ ended: "answered" }), said("And?", "k2"), said("Well?", "k3", "mail"));
  expect([turn.before.map(({ text }) => text), turn.messages]).toEqual([
    ["Hello", "Gladly."],
    ["And?", "Well?"],
  ]);
});

test.each([
  ["nothing was answered", [], true],
  ["a human was handed the thread", [answered({ ended: "handed_over" })], true],
  ["it has answered on another channel", [answered({ ended: "answered" }, "mail")], true],
  ["it has answered here", [answered({ ended: "answered" })], false],
])("it is the assistant's first answer where %s", (_what, lines, isFirst) => {
  expect(turnOf(...lines).isFirst).toBe(isFirst);
});

test("only the last answer on the channel can wait for the customer's confirmation", () => {
  const asked = { tool: "book", input: {} };
  expect(turnOf(answered({ proposes: [asked] })).pending).toEqual({ deliveryId: "m_0", asked: [asked] });
  expect(turnOf(answered({ proposes: [asked] }), answered({})).pending).toBeUndefined();
  expect(turnOf(answered({ proposes: [asked] }, "mail")).pending).toBeUndefined();
});

test.each([
  ["with a model", "text", { model: true }, ["m_answer"]],
  ["without one, where a human answers then", "human", {}, ["m_answer"]],
  ["without one, where the text is the answer", "text", {}, []],
  ["without one, where something was confirmed", "text", { lines: [answered({ proposes: [{ tool: "book", input: {} }] })] }, ["m_answer"]],
] as const)("turns are taken %s", async (_what, without, { model, lines = [] }: { model?: boolean; lines?: readonly KnownLine[] }, ids) => {
  const context = {
    policy: policyWith(without),
    policyFor: () => policyWith(without),
    model: model ? {} : undefined,
    linesOf: async () => lines,
    customerAt: async () => customer,
  } as unknown as TurnContext;
  const turns = await openTurns([delivery, deliveryOf("plain")], context);
  expect([...turns.keys()]).toEqual(ids);
});
