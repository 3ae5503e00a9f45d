import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { CallsView, DeliveriesView, OverviewView } from "./views.ts";

const POLICY = policyOf(
  `
  channels: {desk: {kind: human, queue: showroom}, box: {kind: file}}
  moments: {m: {on: go, expires: 2d}, big: {on: big, expires: 3d}, told: {on: tell, expires: 2d}}
  promises: {callback: {opens: call.wanted, due: 1d, owner: sales}}
  governance: {approval: [{when: experience.value > 5000, reason: high value}]}
  `,
  [
    "id: call\nserves: [m]\nchannels: {desk: {summary: Call her, dueIn: 4h}}",
    "id: gift\nserves: [big]\nvalue: 9000",
    "id: note\nserves: [told]",
  ],
);

describe.each(enginesAt(process.env.DATABASE_URL))("the overview on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [{ id: "c-1" }, { id: "c-2" }, { id: "c-3" }]);
  const overview = async () => OverviewView.strict().parse(await opened.lookUps.overview.show({}));

  test("of an empty store says that nothing waits, and that there is no usual day and no model", async () => {
    const shown = await overview();
    expect(shown).toMatchObject({
      ...{ zone: "America/Chicago", queues: [], approvals: { count: 0 }, promises: { open: { count: 0 } }, pauses: [], dead: { count: 0 } },
      ...{ today: { decisions: 0 }, model: { tokens: 0, usd: 0 } },
    });
    expect([shown.usual, shown.model.name]).toEqual([undefined, undefined]);
  });

  test("counts what waits for people and what is late, by the clock of the stream", async () => {
    await opened.play(
      [
        ["2026-06-01T15:00:00Z", "go"],
        ["2026-06-01T15:00:00Z", "big", { subject: "c-2" }],
        ["2026-06-01T15:00:00Z", "call.wanted", { subject: "c-3" }],
      ],
      "2026-06-01T18:00:00Z",
    );
    const [approval] = await opened.operations.approvals.list({ limit: 1 });
    const [promise] = await opened.operations.promises.list({ limit: 1 });
    expect(await overview()).toMatchObject({
      at: "2026-06-01T18:00:00Z",
      queues: [{ queue: "showroom", open: { count: 1 }, claimed: 0, overdue: 0, nextDue: "2026-06-01T19:00:00Z" }],
      approvals: { count: 1, next: { approvalId: approval?.approvalId, customerId: "c-2", expiresAt: "2026-06-04T15:00:00Z" } },
      promises: { open: { count: 1 }, overdue: { count: 0 }, next: { promiseId: promise?.promiseId, due: "2026-06-02T15:00:00Z" } },
      today: { from: "2026-06-01T05:00:00Z", decisions: 2, silent: 0, delivered: 1 },
    });
    await opened.play([], "2026-06-02T18:00:00Z");
    const late = await overview();
    expect(late.promises.overdue).toEqual({ count: 1 });
    expect(late.queues.map(({ queue, overdue }) => [queue, overdue])).toEqual([
      ["sales", 0],
      ["showroom", 1],
    ]);
    // Yesterday began before the first decision.
    expect(late.usual).toBeUndefined();
    await opened.play([["2026-06-03T18:00:00Z", "tell"]], "2026-06-03T18:00:00Z");
    expect(await overview()).toMatchObject({ today: { decisions: 1, delivered: 1 }, usual: { days: 1 } });
  });

  test("counts dead letters, uncertain calls, pauses and what was spent today", async () => {
    await opened.play([["2026-06-01T15:00:00Z", "tell"]]);
    await opened.operations.pauses.pause({ target: { scope: "channel", name: "box" } }, { by: "ann", note: "wrong prices" });
    await opened.runtime.store.spending.reserve("2026-06-01", { tokens: 700, usd: 0.5 }, {});
    expect((await overview()).embeddings).toBeUndefined();
    await opened.runtime.store.embeddingSpending.reserve("2026-06-01", { tokens: 90, usd: 0.25 }, {});
    const { pool } = opened.runtime.store.database;
    await pool.query(
      "insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at) values ('c-1', 'k', 'daily', now(), 3, '{}', now())",
    );
    await pool.query(
      "insert into tool_calls (call_key, tool, customer_id, input, status, created_at) values ('k', 'open_case', 'c-1', '{}', 'uncertain', '2026-06-01T15:00:00Z')",
    );
    await pool.query(
      "update deliveries set status = 'failed', reason = 'CHANNEL_FAILED', variant = 'short', locale = 'de' where channel = 'box'",
    );
    expect(await overview()).toMatchObject({
      dead: { count: 1 },
      calls: { states: [{ tool: "open_case", status: "uncertain", count: 1 }] },
      deliveries: { states: [{ channel: "box", status: "failed", count: 1 }] },
      pauses: [{ scope: "channel", name: "box", by: "ann", note: "wrong prices" }],
      model: { tokens: 700, usd: 0.5 },
      embeddings: { tokens: 90, usd: 0.25 },
    });
    const { calls, searched } = CallsView.parse(await opened.lookUps.calls.list({ limit: 10 }));
    expect(calls).toMatchObject([{ key: "k", tool: "open_case", status: "uncertain", customerId: "c-1", at: "2026-06-01T15:00:00Z" }]);
    expect(searched).toMatchObject({ from: "2026-05-25T15:00:00Z", whole: true });
    const { deliveries } = DeliveriesView.parse(await opened.lookUps.deliveries.list({ limit: 10, status: "failed", channel: "box" }));
    expect(deliveries).toMatchObject([
      { customerId: "c-1", experienceId: "note", channel: "box", variant: "short", locale: "de", reason: "CHANNEL_FAILED" },
    ]);
    expect((await opened.lookUps.deliveries.list({ limit: 10, to: "2026-06-01T14:00:00Z" })).deliveries).toEqual([]);
    await expect(opened.lookUps.calls.list({ limit: 10, from: "2026-07-01T00:00:00Z" })).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(opened.lookUps.calls.list({ limit: 10, from: "yesterday" })).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("expected ISO 8601"),
    });
  });

  test("one task and one promise are shown by the beginning of their ids, also ended ones", async () => {
    await opened.play([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-01T15:00:00Z", "call.wanted", { subject: "c-3" }],
    ]);
    const { tasks, promises } = opened.operations;
    const [task] = await tasks.list({ limit: 1 });
    await tasks.done({ id: task?.taskId ?? "" }, { by: "ann" });
    expect(await tasks.show({ id: task?.taskId.slice(0, 12) ?? "" })).toMatchObject({
      taskId: task?.taskId,
      state: "done",
      endedBy: "ann",
    });
    await expect(tasks.show({ id: "t_none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const [promise] = await promises.list({ limit: 1 });
    await promises.kept({ id: promise?.promiseId ?? "" }, { by: "ann" });
    expect(await promises.show({ id: promise?.promiseId ?? "" })).toMatchObject({ name: "callback", state: "kept", endedBy: "ann" });
    await expect(promises.show({ id: "p_none" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
