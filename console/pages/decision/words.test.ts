import { expect, test } from "vitest";
import { DELIVERY_STATUSES } from "../../../domain/entities/customer.ts";
import { ACTIONS } from "../../../domain/entities/decision.ts";
import { markOfDecision, markOfDelivery, occasionOf, titleOf } from "./words.ts";

test("the title says what was decided, for whom", () => {
  expect(ACTIONS.map((action) => titleOf({ action, experienceId: "offer", customerId: "c-1" }))).toEqual([
    "offer to c-1",
    "offer for c-1 waits",
    "offer for c-1 needs approval",
    "offer withheld from c-1",
    "Silence for c-1",
  ]);
});

test("what woke the customer", () => {
  expect(occasionOf({ kind: "signal", signalId: "1", source: "crm", type: "vehicle.returned" })).toBe("signal vehicle.returned from crm");
  expect(occasionOf({ kind: "timer", name: "clock.daily", due: "2026-01-01T00:00:00Z" })).toBe("timer clock.daily");
  expect(occasionOf(undefined)).toBe("");
});

const delivery = (status: (typeof DELIVERY_STATUSES)[number]) => ({ deliveryId: "m", channel: "sms", status, facts: {} });

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
  expect(DELIVERY_STATUSES.map((status) => [status, markOfDelivery(status).kind])).toEqual([
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
