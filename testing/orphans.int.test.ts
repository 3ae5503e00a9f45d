import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "./operated-store.ts";
import { orphansIn } from "./orphans.ts";
import { policyOf } from "./policy.ts";

const POLICY = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 2d}}", ["channels: {box: {text: Hello}}"]);

/** Tables written with every decision, without a key to look a customer up by. */
const WITHOUT_KEYS = ["decisions", "deliveries", "moments", "runs", "signals", "timers", "touches"];

describe.each(enginesAt(process.env.DATABASE_URL))("rows without their customer or decision, on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [{ id: "c-1" }, { id: "c-2" }]);

  test("are absent after normal decisions, and found in every table once the customer or decision is deleted", async () => {
    for (const subject of ["c-1", "c-2"]) await opened.play([["2026-06-01T15:00:00Z", "go", { subject }]]);
    expect(await orphansIn(opened.rows)).toEqual([]);
    await opened.rows("delete from decisions where customer_id = 'c-1'");
    expect(await orphansIn(opened.rows)).toEqual([expect.stringMatching(/^rows of deliveries have no decision: \S+$/)]);
    await opened.rows("delete from customers where customer_id = 'c-2'");
    expect((await orphansIn(opened.rows)).slice(0, -1)).toEqual(WITHOUT_KEYS.map((name) => `rows of ${name} have no customer: c-2`));
  });
});
