import { afterAll, beforeAll, expect, test } from "vitest";
import { replay } from "../runtime/replay.ts";
import { at } from "../testing/builders.ts";
import { type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf(
  `
  moments:
    wants_address_change: {on: message.received, expires: 2d, says: [I moved house, please update my address]}
    wants_to_cancel: {on: [message.received, survey.answered], expires: 2d, says: [cancel my subscription, I want to end my membership]}
    wrote: {on: message.received, expires: 2d}
  `,
  // No experience answers, so the moments that the messages open stay open.
  [],
);

const MESSAGES = {
  moved: "We have moved to a new house",
  both: "I have moved, and please cancel my subscription",
  neither: "Is the blue jacket in stock?",
} as const;

let opened: OperatedStore;

beforeAll(async () => {
  opened = await openOperated(POLICY);
  await opened.play(
    [
      ...Object.entries(MESSAGES).map(
        ([subject, text], minute) => [`2026-06-01T15:0${minute}:00Z`, "message.received", { subject, channel: "chat", text }] as const,
      ),
      ["2026-06-01T15:10:00Z", "survey.answered", { subject: "surveyed", text: "I want to end my membership" }],
      ["2026-06-01T15:11:00Z", "survey.answered", { subject: "wordless", score: 3 }],
    ],
    "2026-06-01T15:30:00Z",
  );
});

afterAll(() => opened.runtime.close());

const recordOf = async (customerId: string) =>
  (await opened.runtime.store.customers.load([customerId], POLICY, at("2026-06-01T16:00:00Z"))).get(customerId);

/** A customer's open moments that have a text, and the promises to that customer. */
async function opensFor(customerId: string) {
  const customer = await recordOf(customerId);
  return {
    moments: (customer?.moments ?? []).filter(({ name }) => name !== "wrote").map(({ name, decidedBy }) => `${name} by ${decidedBy}`),
    promises: (customer?.promises ?? []).map(({ name }) => name),
  };
}

test.each([
  ["moved", ["wants_address_change by model"]],
  ["both", ["wants_address_change by model", "wants_to_cancel by model"]],
  ["neither", []],
])("of %s it opens the moments of the message, and the promise to reply", async (customer, moments) => {
  expect(await opensFor(customer)).toEqual({ moments, promises: ["reply"] });
});

test("a moment opened by a text is as certain as the classifier, any other one is certain", async () => {
  const customer = await recordOf("moved");
  const [spoken, plain] = ["wants_address_change", "wrote"].map((name) => customer?.moments.find((moment) => moment.name === name));
  expect(spoken?.confidence).toBeGreaterThanOrEqual(0.5);
  expect(spoken?.confidence).toBeLessThan(1);
  expect(plain).toMatchObject({ confidence: 1, decidedBy: "rule" });
});

test("the text of any signal that the moment listens to is read, and a signal without text opens nothing", async () => {
  expect((await opensFor("surveyed")).moments).toEqual(["wants_to_cancel by model"]);
  expect((await opensFor("wordless")).moments).toEqual([]);
});

test("decided again from the record, every message has the same meaning", async () => {
  await using runtime = (await openOperated(POLICY)).runtime;
  const { same, differences } = await replay({ source: opened.runtime.store, runtime, policy: POLICY });
  expect(differences).toEqual([]);
  expect(same).toBeGreaterThan(0);
});

test('W10: a case that is not open closes nothing, and the run names those that are; 17 and "17" are the same', async () => {
  const subject = "with-cases";
  await opened.play([
    ["2026-06-01T16:20:00Z", "case.opened", { subject, caseId: "17" }],
    ["2026-06-01T16:21:00Z", "case.closed", { subject, caseId: "C-17" }],
    ["2026-06-01T16:22:00Z", "case.closed", { subject, caseId: 17 }],
    ["2026-06-01T16:23:00Z", "case.closed", { subject, caseId: 17 }],
  ]);
  const rows = await opened.rows(
    `select step->>'case' as said from runs, jsonb_array_elements(steps) step where customer_id = '${subject}' and step ? 'case' order by started_at`,
  );
  expect(rows.map(({ said }) => said)).toEqual([
    "nothing to close: no case C-17 is open (open: 17)",
    "nothing to close: no case 17 is open (none is)",
  ]);
  expect((await recordOf(subject))?.openCases).toEqual([]);
});
