import { expect, test } from "vitest";
import { DAY } from "../../domain/values/time.ts";
import type { Store } from "../store.ts";
import { aCommit, aDecision, aDelivery, aNewCustomer, aRun, aSignal, delivering, NOON, reserve, write } from "./examples.contract.ts";

const timer = (key: string, due: number, name = "review") => ({ type: "timer_set", key, timer: { name, due } }) as const;

/** The contract of signals, timers, tool calls, and queries for display. */
export function lookupsContract(store: () => Store): void {
  test("timers are returned in firing order: by due time, then customer, then name, in byte order", async () => {
    for (const id of ["c-10", "c-9", "C-1", "c.2", "é"]) await write(store(), id, [timer("judge", NOON)]);
    await write(store(), "c-0", [timer("b", NOON, "b"), timer("a", NOON, "a"), timer("z", NOON - 1, "z"), timer("late", NOON + 1)]);
    const order = (await store().timers.due(NOON, true, 20)).map(({ customerId, name }) => `${customerId} ${name}`);
    expect(order).toEqual(["c-0 z", "C-1 review", "c-0 a", "c-0 b", "c-10 review", "c-9 review", "c.2 review", "é review"]);
  });

  test("timers due exactly at the instant are returned only with `inclusive`, and never more than the limit", async () => {
    await write(store(), "c-1", [timer("a", NOON - 1), timer("b", NOON)]);
    expect((await store().timers.due(NOON, false, 20)).map(({ key }) => key)).toEqual(["a"]);
    expect((await store().timers.due(NOON, true, 20)).map(({ key }) => key)).toEqual(["a", "b"]);
    expect((await store().timers.due(NOON, true, 1)).map(({ key }) => key)).toEqual(["a"]);
  });

  test("a signal is known by source and id; the hash of its body distinguishes a conflict from a duplicate", async () => {
    expect(await store().signals.lastSeq()).toBe(0);
    await write(store(), "c-1", [], { signal: aSignal("c-1", 7, { source: "web", id: "s-1", bodyHash: "h1" }) });
    await write(store(), "c-1", [], { signal: aSignal("c-1", 9, { source: "crm", id: "s-1", bodyHash: "h2" }) });
    const known = await store().signals.known([
      { source: "web", id: "s-1" },
      { source: "crm", id: "s-1" },
      { source: "web", id: "s-2" },
    ]);
    expect(known).toEqual(
      new Map([
        ["web\ns-1", "h1"],
        ["crm\ns-1", "h2"],
      ]),
    );
    expect(await store().signals.lastSeq()).toBe(9);
  });

  test("a tool call is planned once, started once, and settled once", async () => {
    await write(store(), "c-1", []);
    const call = { key: "k", tool: "open_case", customerId: "c-1", runId: "r", deliveryId: "m", input: { a: 1 }, at: NOON };
    await store().calls.plan([call]);
    await store().calls.plan([{ ...call, input: { a: 2 } }]);
    expect(await Promise.all([1, 2, 3].map(() => store().calls.start("k")))).toEqual(expect.arrayContaining(["started", "taken", "taken"]));
    await store().calls.settle({ key: "k", status: "done", output: { ok: 1 }, at: NOON });
    await store().calls.settle({ key: "k", status: "failed", error: { code: "X", message: "late" }, at: NOON });
    const { runId: _run, ...kept } = call;
    expect(await store().calls.get(["k", "none"])).toEqual([{ ...kept, status: "done", output: { ok: 1 }, attempts: 1 }]);
  });

  test("a call running when its process ended is uncertain; a planned one is left unchanged", async () => {
    await write(store(), "c-1", []);
    const call = { tool: "t", customerId: "c-1", runId: "r", deliveryId: "m", input: {}, at: NOON };
    await store().calls.plan([
      { ...call, key: "a" },
      { ...call, key: "b" },
    ]);
    await store().calls.start("a");
    await store().calls.abandon(NOON);
    expect((await store().calls.get(["a", "b"])).map(({ key, status }) => [key, status])).toEqual([
      ["a", "uncertain"],
      ["b", "planned"],
    ]);
    expect(await store().calls.start("a")).toBe("taken");
  });

  test("decisions are read in order, from a sequence number on, each with its deliveries", async () => {
    await store().commit([
      aCommit(aNewCustomer("c-2"), [delivering("c-2", aDelivery("m-2"))]),
      aCommit(aNewCustomer("c-1"), [delivering("c-1", aDelivery("m-1"))]),
    ]);
    const last = await store().read.lastDecision();
    await write(store(), "c-1", [{ type: "decided", decision: aDecision("d-3", "c-1", { supersedes: "d-m-1" }) }]);
    const after = await store().read.decisionsAfter(last);
    expect(after.decisions.map(({ decisionId }) => decisionId)).toEqual(["d-3"]);
    expect(after.last).toBe(await store().read.lastDecision());
    expect(await store().read.decisionsAfter(after.last)).toEqual({ decisions: [], last: after.last });
    const all = await store().read.decisions({ limit: 10 });
    expect(all.map(({ decisionId }) => decisionId)).toEqual(["d-m-2", "d-m-1", "d-3"]);
    expect(all[0]?.deliveries).toMatchObject([{ deliveryId: "m-2", status: "reserved", to: "ada@example.org" }]);
    expect((await store().read.decisions({ customerId: "c-1", limit: 1 })).map(({ decisionId }) => decisionId)).toEqual(["d-3"]);
  });

  test("a decision is found by a prefix of its id, unless that is ambiguous", async () => {
    await reserve(store(), aDelivery("m-11"), aDelivery("m-12"), aDelivery("m-1"));
    expect((await store().read.decision("d-m-12")).decisionId).toBe("d-m-12");
    expect((await store().read.decision("d-m-1")).decisionId).toBe("d-m-1");
    await expect(store().read.decision("d-m")).rejects.toThrow("several decisions begin with d-m");
    await expect(store().read.decision("x%")).rejects.toThrow("no decision x% in the store");
  });

  test("a run is read with its steps, its decision and its tool calls; runs are listed latest first", async () => {
    const run = aRun("c-1", { runId: "r-1", finishedAt: NOON + 5 });
    await write(store(), "c-1", [delivering("c-1", aDelivery("m-1"))], { run });
    await write(store(), "c-1", [], { run: aRun("c-1", { runId: "r-2", startedAt: NOON + 1 }) });
    await store().calls.plan([{ key: "k", tool: "t", customerId: "c-1", runId: "r-1", deliveryId: "m-1", input: {}, at: NOON }]);
    expect((await store().read.runs({ limit: 10 })).map(({ runId }) => runId)).toEqual(["r-2", "r-1"]);
    expect(await store().read.run("r-1")).toMatchObject({
      ...{ runId: "r-1", decisionId: "d-m-1", action: "deliver", policyVersion: "v1", steps: run.steps },
      toolCalls: [{ key: "k", status: "planned" }],
    });
  });

  test("counts returns the number of rows of each table", async () => {
    await reserve(store(), aDelivery("m-1"), aDelivery("m-2"));
    await write(store(), "c-m-1", [timer("judge", NOON + DAY)]);
    expect(await store().read.counts()).toMatchObject({ customers: 2, decisions: 2, deliveries: 2, touches: 2, timers: 1, signals: 0 });
  });

  test.each([
    ["few rows", 1],
    ["many", 600],
  ])("clearing empties every table but those of migrations, and sequences begin anew: %s", async (_name, settings) => {
    const { pool } = store().database;
    const { rows: tables } = await pool.query<{ name: string }>(
      "select quote_ident(tablename) as name from pg_tables where schemaname = current_schema() and tablename not like 'migration%'",
    );
    await store().totals(["x"]);
    await reserve(store(), aDelivery("m-1"));
    const first = await store().read.lastDecision();
    await pool.query("insert into settings (name, value) select 's' || n, '1' from generate_series(1, $1::int) n", [settings]);
    await store().clear();
    const { rows } = await pool.query(
      tables.map(({ name }) => `select '${name}' as name where exists (select 1 from ${name})`).join(" union all "),
    );
    expect(rows).toEqual([]);
    expect(await store().read.lastDecision()).toBe(0);
    await reserve(store(), aDelivery("m-2"));
    expect(await store().read.lastDecision()).toBe(first);
  });
}
