import { describe, expect, test } from "vitest";
import { engines } from "../service.ts";
import { raceAsks } from "./ask-race.ts";
import { type Ledger, type Rules, violationsOf } from "./ledger.ts";
import { race } from "./races.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const sent = (n: number, more: Partial<Ledger["deliveries"][number]> = {}): Ledger["deliveries"][number] => ({
  ...{ deliveryId: `m-${n}`, customerId: "c", experienceId: "e", department: "sales", channel: "box", status: "sent" },
  ...{ reservedAt: NOON + n, claimedAt: NOON + n + 1, wakeSeq: n },
  ...more,
});
const ledger = (deliveries: Ledger["deliveries"], more: Partial<Ledger> = {}): Ledger => ({
  ...{ deliveries, contacts: [], revocations: [], decidedTwice: 0, orphans: [] },
  handedOver: deliveries.filter(({ status }) => status === "sent").map(({ deliveryId }) => deliveryId),
  ...more,
});
const rules: Rules = { caps: [{ id: "cap", max: 2, window: HOUR }], limits: [{ id: "e", perCustomer: 5, total: 6 }] };

describe("the reference check for ledgers", () => {
  test.each<[string, Ledger, number]>([
    ["two under a cap of two", ledger([sent(1), sent(2)]), 0],
    ["three under a cap of two", ledger([sent(1), sent(2), sent(3)]), 1],
    ["the third an hour after the first", ledger([sent(1), sent(2), sent(3, { reservedAt: NOON + 1 + HOUR })]), 0],
    ["the third of another customer", ledger([sent(1), sent(2), sent(3, { customerId: "d" })]), 0],
    ["the third was cancelled", ledger([sent(1), sent(2), sent(3, { status: "cancelled" })]), 0],
    ["a visit that was known takes a place", ledger([sent(1), sent(2)], { contacts: [{ customerId: "c", at: NOON, seq: 0 }] }), 1],
    ["a visit that came after the signal takes none", ledger([sent(1), sent(2)], { contacts: [{ customerId: "c", at: NOON, seq: 9 }] }), 0],
    ["begun after the revocation", ledger([sent(1)], { revocations: [{ customerId: "c", channel: "box", at: NOON }] }), 1],
    ["begun before the revocation", ledger([sent(1)], { revocations: [{ customerId: "c", channel: "box", at: NOON + 9 }] }), 0],
    ["handed over twice", ledger([sent(1)], { handedOver: ["m-1", "m-1"] }), 1],
    ["sent, and nobody got it", ledger([sent(1)], { handedOver: [] }), 1],
    ["decided twice", ledger([], { decidedTwice: 1 }), 1],
    ["a row of nobody", ledger([], { orphans: ["1 of touches"] }), 1],
  ])("%s", (_name, given, violations) => {
    expect(violationsOf(given, rules)).toHaveLength(violations);
  });

  test("limits, for one customer and in total", () => {
    const own = Array.from({ length: 6 }, (_, n) => sent(n, { reservedAt: NOON + n * HOUR }));
    const others = Array.from({ length: 2 }, (_, n) => sent(n + 10, { customerId: `d-${n}` }));
    expect(violationsOf(ledger([...own, ...others]), rules)).toEqual([
      "e went out 8 times in total, its limit is 6",
      "e went to c 6 times, its limit is 5",
    ]);
  });
});

describe.each(engines)("races on $name", (engine) => {
  test.each([1, 2])("random rules %i: fifty concurrent signals violate none of them", async (round) => {
    const place = await engine.place();
    const processes = engine.name === "embedded" ? 0 : 1;
    const report = await race({ seed: `check ${round}`, place, customers: 6, signals: 50, processes });
    await place.remove();
    expect(report.violations).toEqual([]);
    expect(report.deliveries).toBeGreaterThan(5);
    expect(report.heldBack).toBeGreaterThan(5);
    expect(report.revocations).toBeGreaterThan(0);
  });

  test("asks and holds, beside deferred mails, signals and a pause: nothing is given twice, passes a cap, or is lost", async () => {
    const place = await engine.place();
    const processes = engine.name === "embedded" ? 0 : 1;
    const report = await raceAsks({ seed: "check", place, customers: 12, asks: 5, processes });
    await place.remove();
    expect(report.violations).toEqual([]);
    expect(report).toMatchObject({ mails: 6 });
    for (const count of [report.given, report.holds, report.confirmedLate, report.besideMails]) expect(count).toBeGreaterThan(0);
  });
});
