import { expect, test } from "vitest";
import type { JsonObject } from "../domain/json.ts";
import { type SegmentCall, signalOf } from "./segment.ts";

const read = (call: SegmentCall, message: JsonObject) => {
  const signal = signalOf(call, message, () => "made-here");
  return signal.ok ? signal.event : signal.problem;
};

const common = { messageId: "m-1", userId: "c-1", timestamp: "2026-06-01T15:00:00Z" };
const attributes = { specversion: "1.0", id: "m-1", source: "segment", subject: "c-1", time: "2026-06-01T15:00:00Z" };

test("what is tracked is a signal of that type with its properties as data", () => {
  expect(read("track", { ...common, event: "lease.updated", properties: { vin: "V1" } })).toEqual({
    ...attributes,
    type: "lease.updated",
    data: { vin: "V1" },
  });
});

test("traits are news about the customer, and addresses among them are identities", () => {
  expect(read("identify", { ...common, traits: { email: "a@b.example", stage: "new" } })).toEqual({
    ...attributes,
    type: "customer.updated",
    data: { traits: { email: "a@b.example", stage: "new" }, identities: [{ type: "email", value: "a@b.example" }] },
  });
});

test("traits that come with an event are news too", () => {
  const event = read("track", { ...common, event: "go", context: { traits: { phone: "+15550100" }, ip: "203.0.113.9" } });
  expect(event).toMatchObject({ data: { traits: { phone: "+15550100" }, identities: [{ type: "phone", value: "+15550100" }] } });
  expect(JSON.stringify(event)).not.toContain("203.0.113.9");
});

test("traits of identify count wherever a client puts them; those at the top have the last word", () => {
  const context = { traits: { stage: "old", plan: "gold" } };
  expect(read("identify", { ...common, context })).toMatchObject({ data: { traits: { stage: "old", plan: "gold" } } });
  expect(read("identify", { ...common, context, traits: { stage: "new" } })).toMatchObject({
    data: { traits: { stage: "new", plan: "gold" } },
  });
});

test("a client may name the system that it speaks for, as it tells any destination something", () => {
  const of = (integrations: Record<string, unknown>) => read("track", { ...common, event: "go", integrations } as never);
  expect(of({ All: true, Sentient: { source: "leasing" } })).toMatchObject({ source: "leasing" });
  expect([of({ Sentient: true }), of({ Sentient: { source: "" } }), of({ Sentient: { source: 7 } })]).toMatchObject(
    Array.from({ length: 3 }, () => ({ source: "segment" })),
  );
});

test("a user id that is empty is none", () => {
  expect(read("track", { messageId: "m-1", userId: "", anonymousId: "a-1", event: "go" })).not.toHaveProperty("subject");
});

test("somebody who is not known by a user id is known by the anonymous one, also under both", () => {
  expect(read("page", { messageId: "m-1", anonymousId: "a-1", name: "Home" })).toEqual({
    specversion: "1.0",
    id: "m-1",
    source: "segment",
    type: "page.viewed",
    data: { name: "Home", identities: [{ type: "anonymous_id", value: "a-1" }] },
  });
  expect(read("screen", { ...common, anonymousId: "a-1" })).toMatchObject({
    type: "screen.viewed",
    subject: "c-1",
    data: { identities: [{ type: "anonymous_id", value: "a-1" }] },
  });
});

test("a group and an alias are signals too; what the customer was called before finds her", () => {
  expect(read("group", { ...common, groupId: "g-1", traits: { name: "Acme" } })).toMatchObject({
    type: "group.joined",
    data: { groupId: "g-1", group: { name: "Acme" } },
  });
  expect(read("alias", { ...common, previousId: "a-0" })).toMatchObject({
    type: "customer.aliased",
    data: { previousId: "a-0", identities: [{ type: "anonymous_id", value: "a-0" }] },
  });
});

test("a message without an id of its own gets one, and a user id may be a number", () => {
  expect(read("track", { userId: 7, event: "go" })).toMatchObject({ id: "made-here", subject: "7" });
});

test.each<[SegmentCall, JsonObject, string]>([
  ["track", { userId: "c-1" }, "event:"],
  ["track", { event: "go" }, "names no customer"],
  ["identify", { userId: "c-1", timestamp: "yesterday" }, "time:"],
  ["identify", { userId: "" }, "names no customer"],
])("%s %j is refused with a reason", (call, message, problem) => {
  expect(read(call, message)).toContain(problem);
});
