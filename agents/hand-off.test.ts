import { expect, test } from "vitest";
import { DAY, HOUR, iso } from "../domain/values/time.ts";
import { aCustomer, aDelivery, aTouch, NOW } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { tools } from "../tools/index.ts";
import type { KnownLine } from "./agent.ts";
import { handOffChanges } from "./hand-off.ts";
import { openTurn } from "./open-turns.ts";
import type { Done, Turn } from "./turn.ts";
import type { OpenDelivery } from "./wake-run.ts";

const TALK = "id: answer\ntransactional: true\n";
const conversationOf = (handOver: string) => {
  const text = `${TALK}converse: {brief: Help., handOver: ${handOver}, tools: {follow_up: {tool: open_case, with: {subject: x}}, own: {tool: open_ticket}, offer: {tool: issue_offer, with: {percent: 5, validFor: 1d}}}}`;
  const conversation = policyOf("", [text], { tools: ["open_ticket"] }).experiences[0]?.converse;
  if (!conversation) throw new Error("no conversation");
  return conversation;
};
const delivery = { deliveryId: "m_1", channel: "chat", at: NOW, frozen: {} } as unknown as OpenDelivery;
const promise = { promiseId: "p_1", name: "reply", owner: "service", openedAt: NOW, due: NOW + 1000, openedBy: ["k1"], overdue: false };
const customer = aCustomer({ promises: [promise] });
const message: KnownLine = { by: "customer", text: 'I "need"\nhelp', channel: "chat", key: "k1" };

const turnOf = (handOver: string, done: readonly Done[] = []): Turn => ({
  ...openTurn(delivery, conversationOf(handOver), [message], customer),
  handOff: { why: "it failed", summary: "wants\nhelp" },
  done: [...done],
});
const named = new Map([...tools, { name: "open_ticket", effect: "write" as const, opensCase: true }].map((tool) => [tool.name, tool]));
const changesOf = (turn: Turn) => handOffChanges(turn, customer, { toolNamed: (name) => named.get(name), policy: policyOf("", [""]) });

test("the task names the customer, the message to answer and the open promise to reply", () => {
  expect(changesOf(turnOf("{queue: sales}"))).toMatchObject([
    {
      type: "task_added",
      task: {
        queue: "sales",
        summary: `answer c-1 on chat: "I 'need' help"`,
        due: NOW + 1000,
        promiseId: "p_1",
        facts: {
          promise: "reply",
          owner: "service",
          due: iso(NOW + 1000),
          why: "it failed",
          summary: "wants help",
          messages: ['I "need"\nhelp'],
        },
      },
    },
  ]);
});

test("without a queue of the experience it is the queue of the promise's owner", () => {
  expect(changesOf(turnOf("{}"))).toMatchObject([{ task: { queue: "service" } }]);
});

test("a case is opened if the experience declares it, with the customer's message as its subject", () => {
  expect(changesOf(turnOf("{queue: sales, case: true}"))[1]).toMatchObject({
    type: "case_opened",
    data: { subject: 'I "need" help', queue: "sales" },
  });
});

test.each<[string, string, Done["status"], number]>([
  ["a tool of the product that opens a case", "follow_up", "done", 1],
  ["a tool of the workspace that declares opensCase", "own", "done", 1],
  ["one that opens a case, and failed", "follow_up", "failed", 2],
  ["one that opens none", "offer", "done", 2],
])("opensCase: a hand-off opens no second case after %s", (_what, tool, status, changes) => {
  expect(changesOf(turnOf("{case: true}", [{ tool, input: {}, status }]))).toHaveLength(changes);
});

test("W16: the task names the case and the latest contacts", () => {
  const deliveries = [aDelivery({ experienceId: "renewal", at: NOW - DAY })];
  const known = aCustomer({
    promises: [promise],
    openCases: ["17"],
    deliveries,
    touches: [aTouch({ kind: "call", channel: "call", at: NOW - HOUR })],
  });
  const context = { toolNamed: (name: string) => named.get(name), policy: policyOf("", [""]) };
  const [change] = handOffChanges(turnOf("{queue: sales, case: true}"), known, context);
  expect(change).toMatchObject({
    task: {
      summary: expect.stringMatching(/^answer c-1 on chat: "I 'need' help"; case 17, c_\S+; last contact 2026-06-01: call on call$/),
      facts: {
        cases: ["17", expect.stringMatching(/^c_/)],
        contacts: [
          { at: iso(NOW - HOUR), channel: "call", kind: "call" },
          { at: iso(NOW - DAY), channel: "box", experience: "renewal" },
        ],
      },
    },
  });
});
