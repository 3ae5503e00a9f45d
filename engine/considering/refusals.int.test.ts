import { afterAll, beforeAll, expect, test } from "vitest";
import { type OperatedStore, openOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";

const POLICY = policyOf(
  `
  timezone: UTC
  moments: {m: {on: go, expires: 30d}}
  governance: {quietHours: [{channels: [box], from: "21:00", to: "08:00"}]}
  `,
  [
    "id: gold\nserves: [m]\nvalue: 9\neligibility: [customer.plan.name == 'gold']\nchannels: {box: {text: 'Hello{% if customer.name %} {{ customer.name }}{% endif %}'}}",
    "id: plain\nserves: [m]\nchannels: {box: {text: Hello}}",
  ],
);

let opened: OperatedStore;
const ids = new Map<string, string>();
const ask = (customer: string, changed: object = {}) => opened.lookUps.decisions.whatIf({ id: ids.get(customer) ?? "", ...changed });
const OLGA = { by: "olga" };

beforeAll(async () => {
  opened = await openOperated(POLICY);
  await opened.customers({ id: "ann", traits: { plan: { name: "basic" } } }, { id: "eve" }, { id: "mia" }, { id: "max" });
  const signals = ["ann", "eve", "mia"].map((subject, index) => [`2026-06-01T10:00:0${index}Z`, "go", { subject }] as const);
  for (const { customerId, decisionId } of await opened.play(signals)) ids.set(customerId, decisionId);
  await opened.operations.pauses.pause({ target: { scope: "channel", name: "box" } }, OLGA);
});
afterAll(() => opened.runtime.close());

test("a changed fact lets another win, and the decision itself comes out the same while a pause holds that came later", async () => {
  expect(await ask("ann")).toMatchObject({ same: true, after: { experienceId: "plain" } });
  const { before, after, same } = await ask("ann", { set: { "customer.plan.name": "gold", name: "Ann" } });
  expect([before.experienceId, after?.experienceId, same]).toEqual(["plain", "gold", false]);
  expect(after?.deliveries[0]?.content).toEqual({ text: "Hello Ann" });
});

test.each([
  ["at night", "2026-06-01T22:00:00Z", { action: "defer", until: "2026-06-02T08:00:00Z" }],
  ["by day", "2026-06-01T12:00:00Z", { action: "deliver", decidedAt: "2026-06-01T12:00:00Z" }],
])("at another time: %s", async (_name, at, after) => {
  expect(await ask("ann", { at })).toMatchObject({ after });
});

test.each<[string, object, string]>([
  ["a misspelt trait", { set: { "plan.nam": "gold" } }, "did you mean plan.name?"],
  ["a field that is built in", { set: { "customer.promises": [] } }, "promises is built in"],
  ["what happened", { set: { "signal.data.x": 1 } }, "expected the path of a trait"],
  ["a path without a name", { set: { "plan..name": 1 } }, "expected the path of a trait"],
  ["a time before she was known", { at: "2020-01-01T00:00:00Z" }, "is before ann was known"],
  ["a time that is none", { at: "tomorrow" }, "tomorrow is no time"],
  ["the beginning of a version that is too short", { policy: "abc" }, "at least 8 characters"],
])("is refused as bad input: %s", async (_name, changed, message) => {
  await expect(ask("ann", changed)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining(message) });
});

test("kept as a case of golden decisions: her imports, her signals, the change before the wake, and what is expected", async () => {
  const { golden } = await ask("ann", { set: { "plan.name": "gold" }, keep: "masked" });
  expect(golden).toMatchObject({
    customers: [{ id: "ann", traits: { plan: { name: "masked 1" } } }],
    signals: [
      { type: "customer.updated", data: { traits: { plan: { name: "gold" } } } },
      { type: "go", subject: "ann" },
    ],
    expect: [{ customer: "ann", action: "deliver", experience: "gold", channel: "box", reasons: ["eligible"] }],
  });
});

test("an unknown decision, and a version that is not kept, are not found", async () => {
  await expect(opened.lookUps.decisions.whatIf({ id: "d_none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(ask("ann", { policy: "0123456789" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("an erased customer is not found, and of one who was merged before, or whose signals are forgotten, it says why", async () => {
  await opened.operations.customers.erase({ id: "eve" }, OLGA);
  await expect(ask("eve")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await opened.operations.customers.merge({ id: "mia", into: "max" }, OLGA);
  const [after] = await opened.play([["2026-06-03T10:00:00Z", "go", { subject: "max" }]]);
  ids.set("max", after?.decisionId ?? "");
  await expect(ask("max")).rejects.toMatchObject({ code: "CONFLICT", details: { reason: "merged" } });
  const { pool } = opened.runtime.store.database;
  await pool.query("insert into settings (name, value) values ('signals_forgotten_until', '\"2026-06-02T00:00:00Z\"')");
  await expect(ask("ann")).rejects.toMatchObject({ code: "CONFLICT", details: { reason: "forgotten" } });
});
