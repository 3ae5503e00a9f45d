import { expect, test } from "vitest";
import { DELIVERY_STATUSES } from "../../domain/entities/customer.ts";
import { markOfDecision, markOfDelivery } from "./marks.ts";

const delivery = (status: (typeof DELIVERY_STATUSES)[number]) => ({ status });

test("a decision to send is marked by what became of its messages", () => {
  expect(markOfDecision({ action: "deliver", deliveries: [delivery("sent")] })).toEqual({ kind: "sent", word: "sent" });
  expect(markOfDecision({ action: "deliver", deliveries: [delivery("sent"), delivery("bounced")] })).toEqual({
    kind: "failed",
    word: "bounced",
  });
  expect(markOfDecision({ action: "deliver", deliveries: [] })).toEqual({ kind: "sent" });
  expect(markOfDecision({ action: "silence", deliveries: [] })).toEqual({ kind: "silent" });
});

test("every status of a delivery has a mark; only trouble is red", () => {
  expect(DELIVERY_STATUSES.map((status) => [status, markOfDelivery({ status }).kind])).toEqual([
    ["reserved", "waits"],
    ["sending", "waits"],
    ["sent", "sent"],
    ["delivered", "sent"],
    ["bounced", "failed"],
    ["failed", "failed"],
    ["uncertain", "failed"],
    ["cancelled", "held"],
  ]);
});

test("what was only recorded does not say that it was sent", () => {
  expect(markOfDecision({ action: "deliver", deliveries: [{ status: "sent", recorded: true }] })).toEqual({
    kind: "sent",
    word: "recorded, not sent",
  });
  expect(markOfDelivery({ status: "cancelled", recorded: true })).toEqual({ kind: "held", word: "cancelled" });
});
