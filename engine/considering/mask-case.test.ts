import { expect, test } from "vitest";
import { createMask } from "./mask-case.ts";

test("names, addresses and texts are masked, the same by the same; what conditions compare with, times and numbers stay", () => {
  const mask = createMask(["customer.plan == 'gold'"]);
  expect(
    mask.value({
      traits: { name: "Ann Lee", plan: "gold", since: "2026-06-01T10:00:00Z", age: 40, tags: ["Ann Lee"], mobile: 15550001234 },
      email: "Ann@mail.example",
      again: "ann@mail.example",
      phone: "+1 (555) 000-1234",
      identities: [{ type: "email", value: "ann@mail.example" }],
    }),
  ).toEqual({
    traits: { name: "masked 1", plan: "gold", since: "2026-06-01T10:00:00Z", age: 40, tags: ["masked 1"], mobile: 15550000002 },
    email: "customer3@masked.example",
    again: "customer3@masked.example",
    phone: "+15550000002",
    identities: [{ type: "email", value: "customer3@masked.example" }],
  });
});

test("of a built-in signal the channel stays, of another one it is a text like any other; an id stays unless it is an address", () => {
  const mask = createMask([]);
  expect(mask.dataOf("message.received", { text: "I am Ann", channel: "sms", thread: "ann" })).toEqual({
    text: "masked 1",
    channel: "sms",
    thread: "masked 2",
  });
  expect(mask.dataOf("noted", { channel: "Ann's" })).toEqual({ channel: "masked 3" });
  expect(mask.dataOf("noted", { traits: { timezone: "Europe/Berlin", locale: "de", name: "Ann" } })).toEqual({
    traits: { timezone: "Europe/Berlin", locale: "de", name: "masked 4" },
  });
  expect([mask.id("c-1"), mask.id("ann@mail.example")]).toEqual(["c-1", "customer5@masked.example"]);
});
