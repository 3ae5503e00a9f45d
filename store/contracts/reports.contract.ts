import { expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { DAY, type Instant, iso } from "../../domain/values/time.ts";
import type { Store } from "../store.ts";
import { aDecision, aDelivery, aRun, aSignal, delivering, NOON, write } from "./examples.contract.ts";

const SPAN = { from: NOON - 30 * DAY, to: NOON + 30 * DAY };
const RULE = { types: ["lease.decided"], redeemed: false, within: 7 * DAY };
const MEASURED = { ...SPAN, experienceId: "e", share: 0.1 };

type Group = "treated" | "withheld";

/** The contract of figures for reports. */
export function reportsContract(store: () => Store): void {
  let ids = 0;
  let seq = 0;
  const moved = (deliveryId: string, to: "sent" | "failed" | "cancelled"): Change => ({
    type: "delivery_moved",
    deliveryId,
    to,
    reason: "x",
    at: NOON,
  });
  const outcome = (deliveryId: string, kind: "opened" | "clicked"): Change => ({
    type: "outcome_added",
    outcome: { deliveryId, experienceId: "e", channel: "email", kind, at: NOON },
    reward: 0,
  });
  const deliver = (customerId: string, deliveryId: string, at: Instant, ...then: readonly Change[]) =>
    write(store(), customerId, [delivering(customerId, aDelivery(deliveryId, { experienceId: "e", at })), ...then]);

  /** A decision that a holdout has measured. */
  const decide = (customerId: string, group: Group, at: Instant, more: Partial<Decision["holdout"]> & { experienceId?: string } = {}) => {
    const { experienceId = "e", share = 0.1 } = more;
    const holdout = { group, share, period: "2026-06" };
    const action = group === "treated" ? ("deliver" as const) : ("withhold" as const);
    const decision = aDecision(`d-${ids++}`, customerId, { action, experienceId, decidedAt: iso(at), holdout });
    return write(store(), customerId, [{ type: "decided", decision }], { run: aRun(customerId) });
  };
  const says = (customerId: string, at: Instant, type = "lease.decided") => {
    seq++;
    return write(store(), customerId, [], { signal: aSignal(customerId, seq, { type, time: at, receivedAt: at }) });
  };

  test("variants count what was handed over of each on its channel, and its outcomes", async () => {
    const of = (variant: string | undefined, channel = "email") => ({
      experienceId: "e",
      channel,
      at: NOON,
      ...(variant ? { variant } : {}),
    });
    const give = (deliveryId: string, given: ReturnType<typeof of>, ...then: readonly Change[]) =>
      write(store(), `v-${deliveryId}`, [delivering(`v-${deliveryId}`, aDelivery(deliveryId, given)), ...then]);
    await give("v1", of("short"), moved("v1", "sent"), outcome("v1", "opened"), outcome("v1", "clicked"));
    await give("v2", of("short"), moved("v2", "sent"), outcome("v2", "opened"));
    await give("v3", of("short", "sms"), moved("v3", "sent"));
    await give("v4", of("long"), moved("v4", "failed"));
    await give("v5", of(undefined), moved("v5", "sent"));
    const counted = (await store().reports.variants(SPAN)).map(({ channel, variant, kind, deliveries }) => [
      channel,
      variant,
      kind,
      deliveries,
    ]);
    expect(counted.map(String).sort()).toEqual(["email,short,,2", "email,short,clicked,1", "email,short,opened,2", "sms,short,,1"]);
  });

  test("reach and sent count what was handed over within the span, and outcomes are of that", async () => {
    await deliver("a", "m1", NOON, moved("m1", "sent"), outcome("m1", "opened"), outcome("m1", "clicked"));
    await deliver("a", "m2", NOON + DAY, moved("m2", "sent"), outcome("m2", "opened"));
    await deliver("b", "m3", NOON, moved("m3", "sent"));
    await deliver("c", "m4", NOON, moved("m4", "failed"));
    await deliver("d", "m5", NOON, moved("m5", "cancelled"));
    await deliver("e", "m6", NOON - 31 * DAY, moved("m6", "sent"), outcome("m6", "opened"));
    expect(await store().reports.sent(SPAN)).toEqual([{ experienceId: "e", deliveries: 3, customers: 2 }]);
    const outcomes = await store().reports.outcomes(SPAN);
    expect(outcomes).toHaveLength(2);
    expect(outcomes).toEqual(
      expect.arrayContaining([
        { experienceId: "e", kind: "opened", deliveries: 2 },
        { experienceId: "e", kind: "clicked", deliveries: 1 },
      ]),
    );
  });

  test("what held an experience, by code: decisions and customers", async () => {
    const held = (decisionId: string, customerId: string, ...codes: readonly ("quiet_hours" | "cap_reached" | "eligible")[]) => {
      const reasons = codes.map((code) => ({ code, decidedBy: "rule" as const }));
      const candidates = [{ experienceId: "e", moment: "m", verdict: "ineligible" as const, reasons }];
      return write(store(), customerId, [{ type: "decided", decision: aDecision(decisionId, customerId, { candidates }) }]);
    };
    await held("d1", "a", "quiet_hours", "cap_reached", "cap_reached");
    await held("d2", "a", "cap_reached");
    await held("d3", "b", "cap_reached");
    await held("d4", "b", "eligible");
    const counts = await store().reports.held(SPAN);
    expect(counts.map(({ code, decisions, customers }) => [code, decisions, customers]).sort()).toEqual([
      ["cap_reached", 3, 2],
      ["quiet_hours", 1, 1],
    ]);
  });

  test("a customer counts in the group of the first measured decision", async () => {
    await decide("a", "withheld", NOON);
    await decide("a", "treated", NOON + DAY);
    await decide("b", "treated", NOON);
    await decide("b", "treated", NOON + DAY);
    await decide("c", "treated", NOON, { experienceId: "other" });
    await write(store(), "z", [delivering("z", aDelivery("m9", { experienceId: "e" }))]);
    const groups = await store().reports.groups(MEASURED, 7 * DAY);
    expect([...groups].sort((one, other) => (one.group < other.group ? -1 : 1))).toEqual([
      { group: "treated", customers: 1, pending: 0 },
      { group: "withheld", customers: 1, pending: 0 },
    ]);
    expect(await store().reports.groups({ ...MEASURED, to: NOON + 2 * DAY }, 7 * DAY)).toEqual(
      expect.arrayContaining([expect.objectContaining({ group: "treated", pending: 1 })]),
    );
  });

  test("only decisions under the latest share are compared", async () => {
    expect(await store().reports.holdoutShare("e", SPAN)).toBeUndefined();
    await decide("a", "treated", NOON, { share: 0.5 });
    await decide("b", "treated", NOON + DAY, { share: 0.1 });
    expect(await store().reports.holdoutShare("e", SPAN)).toBe(0.1);
    expect(await store().reports.groups(MEASURED, DAY)).toEqual([{ group: "treated", customers: 1, pending: 0 }]);
  });

  test("a success is a signal of the type from the decision on until its time is over, exclusive", async () => {
    for (const id of ["a", "b", "c", "d", "e", "f"]) await decide(id, id === "f" ? "withheld" : "treated", NOON);
    await says("a", NOON);
    await says("a", NOON + DAY);
    await says("b", NOON - 1_000);
    await says("c", NOON + 7 * DAY);
    await says("d", NOON + DAY, "something.else");
    await says("f", NOON + 7 * DAY - 1_000);
    expect(await store().reports.successes(MEASURED, RULE)).toEqual({ treated: 1, withheld: 1 });
    expect(await store().reports.successes({ ...MEASURED, to: NOON + 2 * DAY }, RULE)).toEqual({ treated: 1 });
  });

  test("a redeemed offer is a success where it is meant to be", async () => {
    await decide("a", "withheld", NOON);
    const { pool } = store().database;
    await pool.query(
      "insert into offers (code, customer_id, issued_at, expires_at, terms, redeemed_at) values ('X', 'a', $1, $2, '{}', $1)",
      [iso(NOON + DAY), iso(NOON + 2 * DAY)],
    );
    expect(await store().reports.successes(MEASURED, { ...RULE, types: [], redeemed: true })).toEqual({ withheld: 1 });
    expect(await store().reports.successes(MEASURED, { ...RULE, types: [] })).toEqual({});
  });
}
