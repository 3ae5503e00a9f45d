import { expect, test } from "vitest";
import { type JsonObject, parseGuarded, SIGNAL_LIMITS } from "../domain/values/json.ts";
import { SEGMENT_IDS, type SegmentCall, signalOf } from "./segment.ts";

const read = (call: SegmentCall, message: JsonObject) => {
  const signal = signalOf(call, message, () => "made-here");
  return signal.ok ? signal.event : signal.problem;
};

const common = { messageId: "m-1", userId: "c-1", timestamp: "2026-06-01T15:00:00Z" };
const attributes = { specversion: "1.0", id: "m-1", source: "segment", subject: "c-1", time: "2026-06-01T15:00:00Z" };

test("a track call is a signal of that type with its properties as data", () => {
  expect(read("track", { ...common, event: "lease.updated", properties: { vin: "V1" } })).toEqual({
    ...attributes,
    type: "lease.updated",
    data: { vin: "V1" },
  });
});

test("traits update the customer, and addresses among them are identities", () => {
  expect(read("identify", { ...common, traits: { email: "a@b.example", stage: "new" } })).toEqual({
    ...attributes,
    type: "customer.updated",
    data: { traits: { email: "a@b.example", stage: "new" }, identities: [{ type: "email", value: "a@b.example" }] },
  });
});

test("traits of an event update the customer too", () => {
  const event = read("track", { ...common, event: "go", context: { traits: { phone: "+15550100" }, ip: "203.0.113.9" } });
  expect(event).toMatchObject({ data: { traits: { phone: "+15550100" }, identities: [{ type: "phone", value: "+15550100" }] } });
  expect(JSON.stringify(event)).not.toContain("203.0.113.9");
});

test("traits of identify count wherever a client puts them; top-level ones take precedence", () => {
  const context = { traits: { stage: "old", plan: "gold" } };
  expect(read("identify", { ...common, context })).toMatchObject({ data: { traits: { stage: "old", plan: "gold" } } });
  expect(read("identify", { ...common, context, traits: { stage: "new" } })).toMatchObject({
    data: { traits: { stage: "new", plan: "gold" } },
  });
});

test("a client may name its source system, by the usual integrations field", () => {
  const of = (integrations: Record<string, unknown>) => read("track", { ...common, event: "go", integrations } as never);
  expect(of({ All: true, Sentient: { source: "leasing" } })).toMatchObject({ source: "leasing" });
  expect([of({ Sentient: true }), of({ Sentient: { source: "" } }), of({ Sentient: { source: 7 } })]).toMatchObject(
    Array.from({ length: 3 }, () => ({ source: "segment" })),
  );
});

test("an empty user id is ignored", () => {
  expect(read("track", { messageId: "m-1", userId: "", anonymousId: "a-1", event: "go" })).not.toHaveProperty("subject");
});

test("a customer without a user id is known by the anonymous one, also under both", () => {
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

test("a group and an alias are signals too; an earlier id finds the customer", () => {
  expect(read("group", { ...common, groupId: "g-1", traits: { name: "Acme" } })).toMatchObject({
    type: "group.joined",
    data: { groupId: "g-1", group: { name: "Acme" } },
  });
  expect(read("alias", { ...common, previousId: "a-0" })).toMatchObject({
    type: "customer.aliased",
    data: { previousId: "a-0", identities: [{ type: "anonymous_id", value: "a-0" }] },
  });
});

test("a message without an id gets one, and a user id may be a number", () => {
  expect(read("track", { userId: 7, event: "go" })).toMatchObject({ id: "made-here", subject: "7" });
});

test.each<[SegmentCall, JsonObject, string]>([
  ["track", { userId: "c-1" }, "event:"],
  ["track", { event: "go" }, "names no customer"],
  ["identify", { userId: "c-1", timestamp: "yesterday" }, "timestamp:"],
  ["identify", { userId: "" }, "names no customer"],
])("%s %j is refused with a reason", (call, message, problem) => {
  expect(read(call, message)).toContain(problem);
});

test("friction: ids may be numbers of any size, and keep their digits", () => {
  const sent =
    '{"userId":1524831183200260097,"anonymousId":9007199254740993,"messageId":7,"event":"go","properties":{"caseId":1524831183200260098}}';
  const guarded = parseGuarded(sent, SIGNAL_LIMITS, SEGMENT_IDS);
  expect(guarded.ok && read("track", guarded.value as JsonObject)).toMatchObject({
    id: "7",
    subject: "1524831183200260097",
    data: { caseId: "1524831183200260098", identities: [{ type: "anonymous_id", value: "9007199254740993" }] },
  });
});

test("F4: two long user ids that differ in the last digit are two customers", () => {
  const subjects = ["1524831183200260097", "1524831183200260098"].map((id) => {
    const guarded = parseGuarded(`{"userId":${id},"traits":{}}`, SIGNAL_LIMITS, SEGMENT_IDS);
    return guarded.ok && (read("identify", guarded.value as JsonObject) as { subject: string }).subject;
  });
  expect(subjects).toEqual(["1524831183200260097", "1524831183200260098"]);
});

test.each<[JsonObject, string]>([
  [{ userId: true }, "userId: expected text or a whole number"],
  [{ anonymousId: {} }, "anonymousId: expected text or a whole number"],
  [{ userId: "c-1", messageId: [1] }, "messageId: expected text or a whole number"],
  [{ userId: "x".repeat(513) }, "userId: expected text or a whole number, of at most 512 characters"],
  [{ userId: 1.5 }, "userId: expected text or a whole number"],
  [{}, "names no customer: expected userId or anonymousId"],
  [{ userId: "c-1", timestamp: "2300-01-01T00:00:00Z" }, "timestamp: "],
])("friction: the problem of %j is reported in Segment's terms", (message, problem) => {
  const told = read("track", { event: "go", ...message });
  expect(told).toContain(problem);
  expect(told).not.toMatch(/subject|data\.identities|(^|\s)id:/);
});

test("friction: properties with names that signals use are kept, and the event with them", () => {
  const of = (properties: JsonObject) => read("track", { messageId: "m", anonymousId: "a-1", event: "go", properties });
  const identities = [{ type: "anonymous_id", value: "a-1" }];
  expect(of({ identities: ["google", "apple"], plan: "gold" })).toMatchObject({
    data: { plan: "gold", identities, properties: { identities: ["google", "apple"] } },
  });
  expect(of({ identities: 3 })).toMatchObject({ data: { identities, properties: { identities: 3 } } });
  expect(of({ identities: null, traits: "tall", properties: { a: 1 }, subject: { b: 2 } })).toMatchObject({
    data: { identities, subject: { b: 2 }, properties: { a: 1, identities: null, traits: "tall" } },
  });
  expect(of({ identities: [{ type: "crm", value: "7" }] })).toMatchObject({
    data: { identities: [...identities, { type: "crm", value: "7" }] },
  });
  expect(read("track", { messageId: "m", userId: "c-1", event: "go", properties: { identities: [] } })).toMatchObject({ subject: "c-1" });
});

test("an address that is too long for an identity stays a trait, and the event is kept", () => {
  expect(read("identify", { ...common, traits: { email: `${"x".repeat(600)}@b.example` } })).not.toHaveProperty("data.identities");
});

const aged = (message: JsonObject) => {
  const signal = signalOf("track", { messageId: "m-1", userId: "c-1", event: "go", ...message }, () => "made-here");
  return signal.ok ? signal.age : signal.problem;
};

test("friction: sentAt gives the age of a message when sent, whatever the sender's clock", () => {
  const sentAt = "2026-06-04T15:00:10Z";
  expect(aged({ timestamp: "2026-06-04T15:00:00Z", sentAt })).toBe(10_000);
  expect(aged({ originalTimestamp: "2026-06-04T14:59:00Z", timestamp: "2026-06-01T14:59:00Z", sentAt })).toBe(70_000);
  for (const other of [
    { sentAt },
    { timestamp: sentAt },
    { timestamp: sentAt, sentAt: "soon" },
    { timestamp: sentAt, sentAt: null },
    { timestamp: "2026-06-01T14:59:00Z", originalTimestamp: "2026-06-04T14:59:00Z", sentAt, receivedAt: "2026-06-01T15:00:00Z" },
  ])
    expect(aged(other)).toBeUndefined();
});

test.each<SegmentCall>(["track", "identify", "page", "screen", "group", "alias"])(
  "W24: context.timezone and context.locale of %s are the customer's, unless traits say others",
  (call) => {
    const message = { ...common, event: "go", groupId: "g", previousId: "p", context: { timezone: "Europe/Berlin", locale: "de-DE" } };
    expect(read(call, message)).toMatchObject({ data: { traits: { timezone: "Europe/Berlin", locale: "de-DE" } } });
    const context = { timezone: "Europe/Berlin", locale: "  ", traits: { timezone: "Europe/Paris" } };
    expect(read(call, { ...message, context })).toMatchObject({ data: { traits: { timezone: "Europe/Paris" } } });
    expect(JSON.stringify(read(call, { ...message, context }))).not.toContain("locale");
  },
);

test("W24: traits among the properties of an event leave the time zone and the language of its context", () => {
  const context = { timezone: "Europe/Berlin", locale: "de-DE" };
  expect(read("track", { ...common, event: "go", context, properties: { traits: { vip: true, locale: "en-GB" } } })).toMatchObject({
    data: { traits: { timezone: "Europe/Berlin", locale: "en-GB", vip: true } },
  });
});

test("W24: a zone that is none loses no event: it is kept as it came", () => {
  const message = { ...common, event: "go", context: { timezone: "Mars/Olympus" } };
  expect(read("track", message)).toMatchObject({ data: { traits: { timezone: "Mars/Olympus" } } });
});
