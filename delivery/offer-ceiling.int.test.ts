import { expect, test } from "vitest";
import { openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const OFFER = "{tool: issue_offer, input: {percent: '{{ moment.data.percent }}', validFor: 3h}}";
const POLICY = policyOf(
  "governance: {offers: {maxPercent: 30}}\nchannels: {box: {kind: file}, app: {kind: pull, places: [home]}}\nmoments: {m: {on: go, expires: 30d}, n: {on: later, expires: 30d}}",
  [
    `id: offer\naction: ${OFFER}\nchannels: {box: {text: '{{ action.percent }} % off'}}`,
    `id: answer\nserves: [n]\naction: ${OFFER}\nchannels: {app: {content: {headline: '{{ action.percent }} % off'}}}`,
  ],
);

test("an offer above the ceiling by a computed value is lowered, and its text, explanation, story and audit say so", async () => {
  const { runtime, operations, lookUps, play, customers, rows } = await openOperated(POLICY);
  await customers({ id: "c-1" });
  const [sent] = await play([["2026-06-01T15:00:00Z", "go", { percent: 60 }]]);
  expect(sent?.deliveries[0]?.content).toMatchObject({ text: "30 % off" });
  const { why } = await lookUps.decisions.explain({ id: sent?.decisionId ?? "" });
  expect(why.at(-1)).toMatch(/^issue_offer would have given 60 % off, and gave 30 % \(.+\): governance\.offers allows no more\.$/);
  const [, asked] = await play([
    ["2026-06-01T16:00:00Z", "later", { percent: 45 }],
    ["2026-06-01T16:00:01Z", "sentient.ask", { channel: "app", customer: "c-1" }],
  ]);
  const answer = await lookUps.decisions.explain({ id: asked?.decisionId ?? "" });
  expect(answer.why.at(-1)).toMatch(/^its action would have given 45 % off, and gave 30 % \(.+\): governance\.offers allows no more\.$/);
  const audit = await operations.audit.list({ limit: 9 });
  expect(audit.map(({ by, action, customerId, details }) => ({ by, action, customerId, details }))).toEqual(
    [60, 45].map((from) => ({
      ...{ by: "governance", action: "offer.lowered", customerId: "c-1" },
      details: { from, to: 30, rule: "governance.offers.maxPercent" },
    })),
  );
  expect((await rows("select terms->'percent' as percent from offers")).map(({ percent }) => percent)).toEqual([30, 30]);
  const { items } = await lookUps.customers.story({ id: "c-1" });
  expect(items.map(({ title }) => title)).toContain("offer issued: 30 %, lowered from 60 %");
  await runtime.close();
});
