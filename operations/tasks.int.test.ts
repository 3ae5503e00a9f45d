import { describe, expect, test } from "vitest";
import { enginesAt, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

const POLICY = policyOf(
  `
  channels: {desk: {kind: human, queue: showroom}, box: {kind: file}}
  moments:
    m: {on: go, expires: 2d, closes: [gone]}
    asked: {on: message.received, expires: 3d, when: signal.data.channel == "box" || signal.data.channel == "none"}
    asked_desk: {on: message.received, expires: 2h, when: signal.data.channel == "phone"}
  promises: {callback: {opens: call.wanted, due: 1d, owner: sales, whileOpen: {suppress: [marketing]}}}
  governance: {caps: [{id: weekly, max: 1, window: 7d}]}
  `,
  [
    `
    id: desk-call
    channels: {desk: {summary: "Call {{ customer.name }}", dueIn: 4h}}
    success: {signal: bought, within: 30d}
    `,
    `
    id: answer
    serves: [asked]
    `,
    "id: passed-on\nserves: [asked_desk]\nchannels: {desk: {summary: Answer, dueIn: 1h}}",
  ],
);

const OLGA = { by: "olga" };

describe.each(enginesAt(process.env.DATABASE_URL))("tasks on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [
    { id: "c-1", traits: { name: "Ada" } },
    { id: "c-2", traits: { name: "Bea" } },
  ]);

  const aTask = async (until?: string) => {
    await opened.play([["2026-06-01T15:00:00Z", "go"]], until);
    const [task] = await opened.operations.tasks.list({ limit: 10, all: true });
    if (!task) throw new Error("no task");
    return task;
  };
  const touches = () => opened.rows("select kind, channel, counted from touches order by at");
  const audited = async () => (await opened.operations.audit.list({ limit: 100 })).map(({ by, action }) => `${by} ${action}`);

  test("are listed by queue and due time, by the replay's clock, and overdue from their due time on", async () => {
    const { taskId } = await aTask("2026-06-01T18:59:59Z");
    await opened.play([["2026-06-01T18:59:59.500Z", "call.wanted", { subject: "c-2" }]], "2026-06-02T19:00:00Z");
    const listed = await opened.operations.tasks.list({ limit: 10 });
    expect(listed).toMatchObject([
      { queue: "sales", summary: expect.stringContaining("callback was promised to c-2"), overdue: false },
      { taskId, queue: "showroom", summary: "Call Ada", due: "2026-06-01T19:00:00Z", overdue: true, state: "open" },
    ]);
    expect(await opened.operations.tasks.list({ limit: 10, queue: "sales" })).toHaveLength(1);
    expect(await opened.operations.tasks.list({ limit: 10, customerId: "c-1" })).toMatchObject([{ taskId }]);
  });

  test("are not overdue before their due time", async () => {
    expect(await aTask("2026-06-01T18:59:59Z")).toMatchObject({ overdue: false });
    expect((await opened.play([], "2026-06-01T19:00:00Z")).length).toBe(0);
    expect(await opened.operations.tasks.list({ limit: 1 })).toMatchObject([{ overdue: true }]);
  });

  test("are claimed by one human; the same claim again changes nothing, another one is refused or takes over", async () => {
    const { taskId } = await aTask();
    const { tasks } = opened.operations;
    expect(await tasks.claim({ id: taskId }, OLGA)).toMatchObject({ changed: true, state: "claimed", claimedBy: "olga" });
    expect(await tasks.claim({ id: taskId.slice(0, 8) }, OLGA)).toMatchObject({ changed: false, claimedBy: "olga" });
    await expect(tasks.claim({ id: taskId }, { by: "pia" })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("by olga since"),
    });
    expect(await tasks.claim({ id: taskId, takeOver: true }, { by: "pia" })).toMatchObject({ changed: true, claimedBy: "pia" });
    expect(await audited()).toEqual(["olga task.claimed", "pia task.claimed"]);
  });

  test("claimed ten times concurrently are claimed once", async () => {
    const { taskId } = await aTask();
    const claims = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => opened.operations.tasks.claim({ id: taskId }, { by: `p-${n}` })),
    );
    expect(claims.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await audited()).toHaveLength(1);
  });

  test("are returned to their queue by their holder, once, with a note for the next person", async () => {
    const { taskId } = await aTask("2026-06-01T15:00:00Z");
    const { tasks } = opened.operations;
    expect(await tasks.return({ id: taskId }, OLGA)).toMatchObject({ changed: false, state: "open" });
    await tasks.claim({ id: taskId }, OLGA);
    await expect(tasks.return({ id: taskId }, { by: "pia" })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(
        /^task \S+ is claimed by olga since 2026-\S+; only its holder returns it; --take-over on a claim takes it over$/,
      ),
    });
    const returned = await tasks.return({ id: taskId.slice(0, 8) }, { ...OLGA, note: "nobody answers before six" });
    expect(returned).toMatchObject({ changed: true, state: "open", note: "nobody answers before six" });
    expect(Object.keys(returned)).not.toContain("claimedBy");
    expect(Object.keys(returned)).not.toContain("claimedAt");
    expect(await tasks.list({ limit: 9, unclaimed: true })).toMatchObject([{ taskId }]);
    expect(await tasks.return({ id: taskId }, OLGA)).toMatchObject({ changed: false });
    expect(await tasks.claim({ id: taskId }, { by: "pia" })).toMatchObject({ changed: true, claimedBy: "pia" });
    expect(await audited()).toEqual(["olga task.claimed", "olga task.returned", "pia task.claimed"]);
    await tasks.done({ id: taskId }, { by: "pia" });
    await expect(tasks.return({ id: taskId }, { by: "pia" })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("is done since"),
    });
  });

  test("returned while they are taken over stay with the person who took over", async () => {
    const { taskId } = await aTask();
    const { tasks } = opened.operations;
    for (let n = 0; n < 5; n++) {
      await tasks.claim({ id: taskId, takeOver: true }, OLGA);
      const [, taken] = await Promise.allSettled([
        tasks.return({ id: taskId }, OLGA),
        tasks.claim({ id: taskId, takeOver: true }, { by: "pia" }),
      ]);
      const after = await tasks.show({ id: taskId });
      expect(after).toMatchObject(taken.status === "fulfilled" ? { state: "claimed", claimedBy: "pia" } : { state: "open" });
    }
  });

  test("returned after their due time and their moment are over expire", async () => {
    const { taskId } = await aTask("2026-06-01T15:00:00Z");
    const { tasks } = opened.operations;
    await tasks.claim({ id: taskId }, OLGA);
    await opened.play([], "2026-06-05T15:00:00Z");
    expect(await tasks.return({ id: taskId }, OLGA)).toMatchObject({ changed: true, state: "expired" });
  });

  test("done without a contact leave no touch, and nothing changes when they are done again", async () => {
    const { taskId } = await aTask();
    const { tasks } = opened.operations;
    expect(await tasks.done({ id: taskId }, { ...OLGA, note: "sorted out" })).toMatchObject({
      changed: true,
      state: "done",
      endedBy: "olga",
      note: "sorted out",
    });
    expect(await tasks.done({ id: taskId }, { by: "pia" })).toMatchObject({ changed: false, endedBy: "olga" });
    await expect(tasks.claim({ id: taskId }, OLGA)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("is done since"),
    });
    expect(await touches()).toEqual([]);
    expect(await audited()).toEqual(["olga task.done"]);
  });

  test("done with a contact add one touch to the ledger, which caps count, however often it is reported", async () => {
    const { taskId } = await aTask();
    const { tasks } = opened.operations;
    await tasks.done({ id: taskId }, OLGA);
    expect(await tasks.done({ id: taskId, contacted: "call" }, OLGA)).toMatchObject({ changed: true, contacted: true });
    const again = await Promise.all(Array.from({ length: 5 }, () => tasks.done({ id: taskId, contacted: "visit" }, OLGA)));
    expect(again.map(({ changed }) => changed)).toEqual([false, false, false, false, false]);
    expect(await touches()).toEqual([{ kind: "call", channel: "call", counted: true }]);
    expect(await opened.rows("select type, source from signals where type = 'human.touch'")).toEqual([
      { type: "human.touch", source: "sentient" },
    ]);
    const decisions = await opened.play([["2026-06-02T15:00:00Z", "message.received", { channel: "box", text: "?" }]]);
    expect(decisions).toMatchObject([{ action: "silence", reasons: [{ code: "cap_reached" }] }]);
  });

  test("done with a contact concurrently leave one touch", async () => {
    const { taskId } = await aTask();
    const all = await Promise.all(Array.from({ length: 6 }, () => opened.operations.tasks.done({ id: taskId, contacted: "call" }, OLGA)));
    expect(all.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await touches()).toHaveLength(1);
  });

  test("done with a contact keep the promise to reply, as a human's touch does", async () => {
    const { taskId } = await aTask();
    await opened.play([["2026-06-01T16:00:00Z", "message.received", { channel: "none", text: "?" }]], "2026-06-01T16:00:00Z");
    await opened.runtime.store.database.pool.query(
      "update promises set ended = null, ended_at = null, ended_by = null where name = 'reply'",
    );
    expect(await opened.operations.promises.list({ limit: 9 })).toMatchObject([{ name: "reply" }]);
    await opened.operations.tasks.done({ id: taskId, contacted: "call" }, OLGA);
    expect(await opened.operations.promises.list({ limit: 9, all: true })).toMatchObject([
      { name: "reply", state: "kept", endedBy: "human.touch" },
    ]);
  });

  test("W2: about a message keep no reply when they are made, expire or are done without a contact", async () => {
    const { tasks, promises } = opened.operations;
    await opened.play([["2026-06-01T15:00:00Z", "message.received", { channel: "phone", text: "?" }]], "2026-06-01T18:00:00Z");
    expect(await tasks.list({ limit: 9, all: true })).toMatchObject([{ queue: "showroom", state: "expired" }]);
    expect(await promises.list({ limit: 9 })).toMatchObject([{ name: "reply", state: "open" }]);
    await opened.play([], "2026-06-03T00:00:00Z");
    const [overdue] = await tasks.list({ limit: 9 });
    expect(overdue).toMatchObject({ queue: "service", promiseId: expect.any(String) });
    expect(overdue?.summary).toContain('"?"');
    expect(overdue?.facts).toMatchObject({ promise: "reply", owner: "service", words: ["?"] });
    await tasks.done({ id: overdue?.taskId ?? "" }, OLGA);
    expect(await promises.list({ limit: 9 })).toMatchObject([{ name: "reply", state: "open", overdue: true }]);
    await tasks.done({ id: overdue?.taskId ?? "", contacted: "call" }, OLGA);
    expect(await promises.list({ limit: 9, all: true })).toMatchObject([{ name: "reply", state: "kept", endedBy: "human.touch" }]);
  });

  test("of an overdue promise keep it when they are done, and are withdrawn when it is kept otherwise", async () => {
    await opened.play(
      [
        ["2026-06-01T15:00:00Z", "call.wanted"],
        ["2026-06-01T15:00:00Z", "call.wanted", { subject: "c-2" }],
      ],
      "2026-06-03T00:00:00Z",
    );
    const { tasks, promises } = opened.operations;
    const mine = await tasks.list({ limit: 9, customerId: "c-1" });
    expect(mine).toMatchObject([{ queue: "sales", promiseId: expect.any(String) }]);
    const done = await tasks.done({ id: mine[0]?.taskId ?? "" }, OLGA);
    expect(done).toMatchObject({ state: "done" });
    expect(await promises.list({ limit: 9, all: true, customerId: "c-1" })).toMatchObject([
      { state: "kept", endedBy: expect.stringContaining("task") },
    ]);

    const [hers] = await promises.list({ limit: 9, customerId: "c-2" });
    expect(await promises.kept({ id: hers?.promiseId ?? "" }, OLGA)).toMatchObject({ changed: true, state: "kept", endedBy: "olga" });
    expect(await promises.kept({ id: hers?.promiseId ?? "" }, OLGA)).toMatchObject({ changed: false });
    expect(await tasks.list({ limit: 9, customerId: "c-2", all: true })).toMatchObject([{ state: "withdrawn" }]);
    expect(await opened.rows("select key from timers where key like 'promise%'")).toEqual([]);
  });

  test("are withdrawn by a signal that closes their moment or achieves their goal", async () => {
    await opened.play([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-01T15:00:00Z", "go", { subject: "c-2" }],
      ["2026-06-01T16:00:00Z", "gone"],
      ["2026-06-01T16:00:00Z", "bought", { subject: "c-2" }],
    ]);
    expect((await opened.operations.tasks.list({ limit: 9, all: true })).map(({ state, endedAt }) => `${state} ${endedAt}`)).toEqual([
      "withdrawn 2026-06-01T16:00:00Z",
      "withdrawn 2026-06-01T16:00:00Z",
    ]);
    expect(await opened.operations.tasks.list({ limit: 9 })).toEqual([]);
  });

  test("that are unclaimed expire with their moment; late completion is still accepted", async () => {
    const { taskId } = await aTask("2026-06-03T14:59:59Z");
    expect(await opened.operations.tasks.list({ limit: 9 })).toHaveLength(1);
    await opened.play([], "2026-06-03T15:00:00Z");
    expect(await opened.operations.tasks.list({ limit: 9 })).toEqual([]);
    expect(await opened.operations.tasks.list({ limit: 9, all: true })).toMatchObject([
      { state: "expired", endedAt: "2026-06-03T15:00:00Z" },
    ]);
    await expect(opened.operations.tasks.claim({ id: taskId }, OLGA)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("is expired since"),
    });
    expect(await opened.operations.tasks.done({ id: taskId, contacted: "visit" }, OLGA)).toMatchObject({ changed: true, state: "done" });
    expect(await touches()).toEqual([{ kind: "visit", channel: "visit", counted: true }]);
  });

  test("claimed do not expire", async () => {
    const { taskId } = await aTask("2026-06-01T16:00:00Z");
    await opened.operations.tasks.claim({ id: taskId }, OLGA);
    await opened.play([], "2026-06-09T00:00:00Z");
    expect(await opened.operations.tasks.list({ limit: 9 })).toMatchObject([{ state: "claimed", overdue: true }]);
  });

  test("that are unknown or ambiguous are reported with what to do", async () => {
    await opened.play([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-01T15:00:00Z", "go", { subject: "c-2" }],
    ]);
    const { tasks } = opened.operations;
    await expect(tasks.claim({ id: "t_nobody" }, OLGA)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("sentient tasks list"),
    });
    await expect(tasks.claim({ id: "t_" }, OLGA)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringContaining("several tasks begin with"),
    });
  });
});
