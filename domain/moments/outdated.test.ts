import { expect, test } from "vitest";
import { aCustomer, aDelivery, aMoment, aSignal, NOW, signalWake, timerWake } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { Approval, Customer } from "../entities/customer.ts";
import { VERSION_TIMER } from "../entities/wake.ts";
import { DAY } from "../values/time.ts";
import { interpret } from "./interpret.ts";

const BASE = "channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}";
const policy = (more = "") => policyOf(`${BASE}${more}}`, ["id: e\nserves: [m]\nchannels: {box: {text: Hello}}"]);
const seen = (type: string, daysAgo: number): Pick<Customer, "seen"> => ({
  seen: { [type]: { at: NOW - daysAgo * DAY, seq: 1, count: 1 } },
});
const woken = (customer: Customer, by = policy(), wake = signalWake(aSignal("other"))) =>
  interpret(customer, wake, { policy: by, now: NOW, taken: () => false });
const changesOf = (...given: Parameters<typeof woken>) => woken(...given).changes.filter(({ type }) => type !== "signal_seen");

test("an open moment that the policy no longer has is withdrawn at the next wake; the others and the built-in ones stay", () => {
  const moments = [
    aMoment({ momentId: "1", name: "gone" }),
    aMoment({ momentId: "2", name: "m" }),
    aMoment({ momentId: "3", name: "fact_corrected" }),
  ];
  expect(changesOf(aCustomer({ moments }))).toEqual([{ type: "moment_ended", momentId: "1", end: "withdrawn", at: NOW }]);
  expect(woken(aCustomer({ moments })).customer.moments.map(({ name }) => name)).toEqual(["m", "fact_corrected"]);
});

test("a delivery that is not handed over yet ends with its channel or its experience; what was given to a page does not", () => {
  const of = (deliveryId: string, given: Partial<Parameters<typeof aDelivery>[0]>) =>
    aDelivery({ deliveryId, experienceId: "e", channel: "box", status: "reserved", ...given });
  const asked = { place: "top", source: "web", askId: "a", probability: 1, keeps: [] };
  const deliveries = [
    of("1", {}),
    of("2", { channel: "fax" }),
    of("3", { experienceId: "old" }),
    of("4", { channel: "fax", status: "sent" }),
    of("5", { channel: "fax", asked }),
  ];
  const cancelled = (deliveryId: string) => ({ type: "delivery_moved", deliveryId, to: "cancelled", reason: "not_applicable", at: NOW });
  expect(changesOf(aCustomer({ deliveries }))).toEqual([cancelled("2"), cancelled("3")]);
});

test("an approval lapses with its experience or its moment, so that it is judged again", () => {
  const approval = (approvalId: string, given: Partial<Approval>): Approval => ({
    ...{ approvalId, experienceId: "e", momentId: "2", state: "pending", reason: "dear", askedAt: NOW - DAY },
    ...given,
  });
  const customer = aCustomer({
    moments: [aMoment({ momentId: "1", name: "gone" }), aMoment({ momentId: "2", name: "m" })],
    approvals: [approval("a", {}), approval("b", { experienceId: "old" }), approval("c", { experienceId: "old", momentId: "1" })],
  });
  const lapsed = changesOf(customer).flatMap((change) => (change.type === "approval_lapsed" ? [change.approvalId] : []));
  expect(lapsed.sort()).toEqual(["b", "c"]);
});

test("an ask leaves everything else alone", () => {
  const customer = aCustomer({ moments: [aMoment({ name: "gone" })] });
  const ask = { source: "web", id: "1", customerId: "c-1", at: NOW, seq: 2, channel: "box", places: [], context: {} };
  // Only its kind matters here.
  expect(woken(customer, policy(), { kind: "ask", ask } as unknown as Parameters<typeof woken>[2] & object).changes).toEqual([]);
});

const quiet = (span = "30d") => policy(`, quiet: {absent: {signal: visit, for: ${span}}, expires: 7d}`);
const dueOf = (customer: Customer, by = quiet()) => woken(customer, by, timerWake(VERSION_TIMER)).customer.timers["absent:quiet"]?.due;

test("an absence that a new version listens to counts from the last signal that is known", () => {
  expect(dueOf(aCustomer(seen("visit", 10)))).toBe(NOW + 20 * DAY);
  expect(dueOf(aCustomer())).toBeUndefined();
  expect(woken(aCustomer(seen("visit", 10)), quiet()).customer.timers["absent:quiet"]).toBeUndefined();
});

test("an absence whose time is over opens nothing, also where its span has changed", () => {
  expect(dueOf(aCustomer(seen("visit", 31)))).toBeUndefined();
  const timers = { "absent:quiet": { name: "absent:quiet", due: NOW + DAY } };
  expect(dueOf(aCustomer({ ...seen("visit", 29), timers }))).toBe(NOW + DAY);
  expect(dueOf(aCustomer({ ...seen("visit", 29), timers }), quiet("60d"))).toBe(NOW + 31 * DAY);
  expect(dueOf(aCustomer({ ...seen("visit", 29), timers }), quiet("20d"))).toBeUndefined();
  expect(woken(aCustomer(seen("visit", 31)), quiet(), timerWake(VERSION_TIMER)).customer.moments).toEqual([]);
});
