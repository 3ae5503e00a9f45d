import { describe, expect, test } from "vitest";
import { byTime } from "../../domain/values/time.ts";
import { READ_TO } from "../../store/reading/bounded-list.ts";
import { enginesAt, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import type { TaskOptions } from "../operation.ts";

const POLICY = policyOf("moments: {m: {on: go, expires: 2d}}", ["serves: [m]"]);

const LISTS = ["audit", "runs", "tasks", "calls", "deliveries", "approvals", "promises", "cases", "dead", "outcomes"] as const;

type AnyPage = { readonly next?: string | undefined } & Readonly<Record<string, unknown>>;

describe.each(enginesAt(process.env.DATABASE_URL))("lists page by page on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [{ id: "c-1" }, { id: "c-2" }]);
  const sql = (text: string) => opened.runtime.store.database.pool.query(text);
  /** Rows of each list, three at each instant. */
  const fill = async (): Promise<void> => {
    await opened.play([["2026-06-01T15:00:00Z", "go"]]);
    const when = "'2026-06-01T15:00:00Z'::timestamptz - (n / 3) * interval '1 minute'";
    const customer = "'c-' || 1 + n % 2";
    await sql(`insert into audit (at, actor, action, target, customer_id, details)
               select ${when}, 'ann', 'paused', 'n-' || n, ${customer}, '{}' from generate_series(1, 10) n`);
    await sql(`insert into runs (run_id, customer_id, wake, started_at, status, policy_version, steps)
               select 'r-' || n, ${customer}, '{}', ${when}, 'done', 'v', '[]' from generate_series(1, 10) n`);
    await sql(`insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, state, claimed_by)
               select 't-' || n, ${customer}, 'q-' || n % 3, 's', '{}', ${when}, ${when},
                      (array['open', 'claimed', 'done', 'open'])[1 + n % 4], case when n % 4 = 1 then (array['ann', 'bob'])[1 + n / 4 % 2] end
                 from generate_series(1, 20) n`);
    await sql(`insert into tool_calls (call_key, tool, customer_id, input, status, created_at)
               select 'k-' || n, 'open_case', ${customer}, '{}', (array['failed', 'uncertain'])[1 + n % 2], ${when} from generate_series(1, 10) n`);
    await sql(`insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen)
               select 'm-' || n, 'd', ${customer}, 'e', 'box', 'failed', ${when}, ${when}, '[]', ${when}, '{}', '{}' from generate_series(1, 10) n`);
    await sql(`insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, at, reward)
               select 'm-' || n, ${customer}, 'opened', (array['e', 'f'])[1 + n % 2], 'box', ${when}, 1 from generate_series(1, 10) n`);
    await sql(`insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by, ended, ended_at)
               select 'p-' || n, ${customer}, 'reply', (array['sales', 'service'])[1 + n % 2], ${when}, ${when}, '[]',
                      case when n % 3 = 0 then 'kept' end, case when n % 3 = 0 then ${when} end from generate_series(1, 16) n`);
    await sql(`insert into cases (customer_id, case_id, opened_at, closed_at, data)
               select ${customer}, 'k-' || n / 2, ${when}, case when n % 3 = 0 then ${when} end, '{}' from generate_series(1, 16) n`);
    await sql(`insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by, ended)
               select 'mo-' || n, ${customer}, 'm' || n, ${when}, '2027-01-01T00:00:00Z', 0, '{}', 's', n, 1, 'rule', case when n = 4 then 'served' end
                 from generate_series(1, 16) n`);
    await sql(`insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state)
               select 'a-' || n, ${customer}, 'd', 'e', 'mo-' || n, 'r', ${when}, case when n % 3 = 0 then 'rejected' else 'pending' end
                 from generate_series(1, 16) n`);
    await sql(`insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, attempts, error, dead_at, discarded_at)
               select 900 + n, 'web', 's-' || n, 'go', ${customer}, now(), now(), '{}', 'h', 5, json_build_object('code', (array['A', 'B'])[1 + n % 2]), ${when},
                      case when n = 5 then now() end from generate_series(1, 10) n`);
    await sql(`insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at)
               select ${customer}, 't-' || n, 'clock.daily', ${when}, 5, '{"code": "A"}', ${when} from generate_series(1, 6) n`);
  };
  /** All pages of a list, each of some rows. */
  async function walk(read: (cursor: string | undefined) => Promise<AnyPage>): Promise<AnyPage[]> {
    const pages: AnyPage[] = [];
    for (let cursor: string | undefined; pages.length === 0 || cursor !== undefined; cursor = pages.at(-1)?.next)
      pages.push(await read(cursor));
    return pages;
  }
  const lists = () => {
    const { lookUps, operations } = opened;
    return {
      audit: (limit: number, cursor?: string, customerId?: string) => operations.audit.list({ paged: true, limit, cursor, customerId }),
      runs: (limit: number, cursor?: string, customerId?: string) => lookUps.runs.list({ paged: true, limit, cursor, customerId }),
      tasks: (limit: number, cursor?: string, customerId?: string) =>
        operations.tasks.list({ paged: true, limit, cursor, customerId, all: true }),
      approvals: (limit: number, cursor?: string, customerId?: string) =>
        operations.approvals.list({ paged: true, limit, cursor, customerId, all: true }),
      promises: (limit: number, cursor?: string, customerId?: string) =>
        operations.promises.list({ paged: true, limit, cursor, customerId, all: true }),
      cases: (limit: number, cursor?: string, customerId?: string) =>
        operations.cases.list({ paged: true, limit, cursor, customerId, all: true }),
      dead: (limit: number, cursor?: string, customerId?: string) => operations.dead.list({ paged: true, limit, cursor, customerId }),
      outcomes: (limit: number, cursor?: string, customerId?: string) => lookUps.outcomes.list({ paged: true, limit, cursor, customerId }),
      calls: (limit: number, cursor?: string, customerId?: string) => lookUps.calls.list({ limit, cursor, customerId }),
      deliveries: (limit: number, cursor?: string, customerId?: string) => lookUps.deliveries.list({ limit, cursor, customerId }),
    };
  };

  test.each(LISTS)("%s: pages follow each other without a gap and without a row twice", async (name) => {
    await fill();
    const list = lists()[name] as (limit: number, cursor?: string, customerId?: string) => Promise<AnyPage>;
    for (const customer of [undefined, "c-2"]) {
      const whole = await list(200, undefined, customer);
      expect([whole.next, (whole[name] as unknown[]).length > 4]).toEqual([undefined, true]);
      for (const limit of [1, 4, 5, 10]) {
        const pages = await walk((cursor) => list(limit, cursor, customer));
        const rows = pages.map((page) => page[name] as unknown[]);
        // Pages of the audit go back, each in order of time.
        expect((name === "audit" ? rows.toReversed() : rows).flat()).toEqual(whole[name]);
        expect(rows.every(({ length }) => length > 0 && length <= limit)).toBe(true);
      }
    }
  });

  test.each(LISTS)("%s: a cursor that was changed, or is of another question, is refused", async (name) => {
    await fill();
    const list = lists()[name] as (limit: number, cursor?: string, customerId?: string) => Promise<AnyPage>;
    const { next = "" } = await list(2);
    const { next: foreign = "" } = name === "runs" ? await lists().audit(2) : await lists().runs(2);
    const [body, signature] = next.split(".");
    const other = Buffer.from(JSON.stringify({ at: 0, id: "" })).toString("base64url");
    for (const cursor of [foreign, `${other}.${signature}`, `${body}.`, `${next}.`, "", "x"])
      await expect(list(2, cursor)).rejects.toMatchObject({ code: "BAD_INPUT", message: expect.stringContaining("cursor") });
    await expect(list(2, next, "c-1")).rejects.toMatchObject({ code: "BAD_INPUT" });
    // How many rows a page has may change on the way.
    expect(((await list(3, next))[name] as unknown[]).length).toBe(3);
  });

  test("erasures: when and by whom, the latest first, page by page; nothing says who was erased", async () => {
    await opened.play([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-01T15:00:00Z", "go", { subject: "c-2" }],
    ]);
    for (const [by, id] of [
      ["ann", "c-1"],
      ["bob", "c-2"],
    ] as const)
      await opened.operations.customers.erase({ id }, { by });
    const { list } = opened.lookUps.erasures;
    const found = await list({ limit: 9 });
    expect(found.map(({ by }) => by).toSorted()).toEqual(["ann", "bob"]);
    expect(Object.keys(found[0] ?? {})).toEqual(["at", "by"]);
    const pages = await walk((cursor) => list({ limit: 1, paged: true, cursor }));
    expect(pages.map(({ erasures }) => erasures)).toEqual(found.map((one) => [one]));
    await sql("update erasures set at = '2026-01-01T00:00:00Z' where erased_by = 'ann'");
    expect((await list({ limit: 9 })).map(({ by }) => by)).toEqual(["bob", "ann"]);
    await expect(list({ limit: 1, paged: true, cursor: "x.y" })).rejects.toMatchObject({ code: "BAD_INPUT" });
  });

  test("what comes while somebody reads moves no page", async () => {
    await fill();
    const first = await opened.lookUps.calls.list({ limit: 4 });
    await sql(`insert into tool_calls (call_key, tool, customer_id, input, status, created_at)
               values ('new', 'open_case', 'c-1', '{}', 'failed', '2026-06-01T14:59:59Z')`);
    const pages = await walk((cursor) => opened.lookUps.calls.list({ limit: 4, cursor: cursor ?? first.next }));
    const keys = [first, ...(pages as unknown as (typeof first)[])].flatMap(({ calls }) => calls.map(({ key }) => key));
    expect(keys.filter((key) => key !== "new").toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `k-${n + 1}`).toSorted());
    expect(first.searched.to).toBe((pages as unknown as (typeof first)[])[0]?.searched.to);
  });

  test("without paged a list is an array, in the order that it always had", async () => {
    await fill();
    const { audit, tasks } = opened.operations;
    expect((await audit.list({ limit: 2 })).map(({ target }) => target)).toEqual(["n-9", "n-10"]);
    const found = await tasks.list({ limit: 100 });
    expect(found.map(({ queue, due }) => `${queue} ${due}`)).toEqual(found.map(({ queue, due }) => `${queue} ${due}`).toSorted());
    expect((await opened.lookUps.runs.list({ limit: 2 })).map(({ runId }) => runId)).toEqual(["r-1", "r-2"]);
  });

  test("tasks by due date: open ones first, then ended ones, the latest first; page by page as well", async () => {
    await fill();
    const isEnded = (state: string) => state === "done" || state === "expired";
    const read = (limit: number, more: Partial<TaskOptions> = {}) => opened.operations.tasks.list({ limit, order: "due", ...more });
    const all = await read(100, { all: true });
    const due = (ended: boolean) => all.filter(({ state }) => isEnded(state) === ended).map((task) => task.due);
    expect(all.map(({ state }) => isEnded(state))).toEqual(
      all.map(({ state }) => isEnded(state)).toSorted((a, b) => Number(a) - Number(b)),
    );
    expect([due(false), due(true)]).toEqual([due(false).toSorted(byTime), due(true).toSorted(byTime).toReversed()]);
    expect(await read(100)).toEqual(all.filter(({ state }) => !isEnded(state)));
    for (const some of [{ all: true }, {}, { all: true, customerId: "c-1" }]) {
      const pages = await walk((cursor) => opened.operations.tasks.list({ limit: 3, paged: true, order: "due", cursor, ...some }));
      expect(pages.flatMap(({ tasks }) => tasks)).toEqual(await read(100, some));
    }
  });

  test.each([
    [{ claimedBy: "ann" }, ["claimed ann"]],
    [{ unclaimed: true }, ["open "]],
    [{ claimedBy: "nobody" }, []],
    [{ unclaimed: true, queue: "q-1" }, ["open "]],
  ])("tasks of %o are those alone, also on later pages", async (filter, wanted) => {
    await fill();
    const pages = await walk((cursor) => opened.operations.tasks.list({ limit: 1, paged: true, cursor, ...filter }));
    const found = pages.flatMap(({ tasks }) => tasks as { state: string; claimedBy?: string; taskId: string }[]);
    expect([...new Set(found.map(({ state, claimedBy = "" }) => `${state} ${claimedBy}`))]).toEqual(wanted);
    const every = await opened.operations.tasks.list({ limit: 100 });
    const fits = every.filter(
      (task) =>
        (!("claimedBy" in filter) || task.claimedBy === filter.claimedBy) &&
        (!("unclaimed" in filter) || task.state === "open") &&
        (!("queue" in filter) || task.queue === filter.queue),
    );
    expect(found.map(({ taskId }) => taskId)).toEqual(fits.map(({ taskId }) => taskId));
  });

  test.each([
    ["approvals", {}, "only pending ones whose moment is open"],
    ["approvals", { all: true, order: "latest" }, "the latest asked first"],
    ["promises", {}, "owed ones"],
    ["promises", { owner: "sales", all: true }, "of one owner"],
    ["promises", { all: true, order: "due" }, "ended ones last, the latest first"],
    ["cases", {}, "open ones"],
    ["dead", { code: "A" }, "of one code"],
  ] as const)("%s with %o are the same page by page as at once: %s", async (noun, options, _which) => {
    await fill();
    const list = opened.operations[noun].list as unknown as (request: object) => Promise<unknown>;
    const whole = (await list({ limit: 100, ...options })) as object[];
    const pages = await walk((cursor) => list({ limit: 2, paged: true, cursor, ...options }) as Promise<AnyPage>);
    expect([whole.length > 2, pages.flatMap((page) => page[noun])]).toEqual([true, whole]);
  });

  test("approvals that wait, the latest asked; promises that are owed, then ended ones from the latest; cases and outcomes in their orders", async () => {
    await fill();
    const { approvals, promises, cases } = opened.operations;
    const waiting = await approvals.list({ limit: 100 });
    expect(waiting.map(({ state, approvalId }) => `${state} ${approvalId}`)).not.toContain("pending a-4");
    expect(new Set(waiting.map(({ state }) => state))).toEqual(new Set(["pending"]));
    const asked = (await approvals.list({ limit: 100, all: true, order: "latest" })).map(({ askedAt }) => askedAt);
    expect([asked.length, asked]).toEqual([16, asked.toSorted(byTime).toReversed()]);
    const due = await promises.list({ limit: 100, all: true, order: "due" });
    const dueOf = (wanted: string) => due.filter(({ state }) => state === wanted).map((one) => one.due);
    expect(due.map(({ state }) => state)).toEqual([...dueOf("open").map(() => "open"), ...dueOf("kept").map(() => "kept")]);
    expect([dueOf("open"), dueOf("kept")]).toEqual([dueOf("open").toSorted(byTime), dueOf("kept").toSorted(byTime).toReversed()]);
    const old = (await promises.list({ limit: 100, all: true })).filter(({ state }) => state === "kept").map((one) => one.due);
    expect(old).toEqual(old.toSorted(byTime));
    expect((await cases.list({ limit: 100, all: true })).map(({ state, openedAt }) => `${state} ${openedAt}`)).toEqual(
      (await cases.list({ limit: 100, all: true }))
        .map(({ state, openedAt }) => `${state} ${openedAt}`)
        .toSorted((a, b) => (a.startsWith("open") === b.startsWith("open") ? a.localeCompare(b) : a.startsWith("open") ? -1 : 1)),
    );
    const outcomes = await opened.lookUps.outcomes.list({ limit: 100, experience: "f" });
    expect([outcomes.length, new Set(outcomes.map(({ experienceId }) => experienceId))]).toEqual([5, new Set(["f"])]);
  });

  test("a page whose filter fits little ends where it has read enough, and goes on from there", async () => {
    await opened.play([["2026-06-01T15:00:00Z", "go"]]);
    await sql(`insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by)
               select 'p-' || lpad(n::text, 5, '0'), 'c-1', 'reply', case when n in (3, ${READ_TO + 2}) then 'sales' else 'service' end,
                      '2026-06-01T15:00:00Z', '2026-06-02T15:00:00Z', '[]' from generate_series(1, ${READ_TO + 5}) n`);
    const pages = await walk((cursor) => opened.operations.promises.list({ limit: 9, paged: true, owner: "sales", cursor }));
    expect(pages.map(({ promises }) => (promises as { promiseId: string }[]).map(({ promiseId }) => promiseId))).toEqual([
      ["p-00003"],
      [`p-0${READ_TO + 2}`],
    ]);
    const none = await walk((cursor) => opened.operations.promises.list({ limit: 9, paged: true, owner: "nobody", cursor }));
    expect(none.map(({ promises, next }) => [promises, next === undefined])).toEqual([
      [[], false],
      [[], true],
    ]);
    expect(await opened.operations.promises.list({ limit: 9, owner: "sales" })).toHaveLength(2);
  });

  test("late tasks are open ones whose due date has passed; promises are listed by owner", async () => {
    await fill();
    await sql("update tasks set due = '2027-01-01T00:00:00Z' where task_id in ('t-4', 't-5', 't-6')");
    const every = await opened.operations.tasks.list({ limit: 100, all: true });
    const late = await opened.operations.tasks.list({ limit: 100, all: true, overdue: true });
    expect(late).toEqual(every.filter(({ overdue }) => overdue));
    expect([late.length > 0, late.length < every.filter(({ state }) => state === "open" || state === "claimed").length]).toEqual([
      true,
      true,
    ]);
    await sql(`insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by)
               select 'owed-' || n, 'c-1', 'reply', (array['sales', 'hr'])[1 + n % 2], now(), now(), '[]' from generate_series(1, 5) n`);
    const owned = await opened.operations.promises.list({ limit: 9, owner: "hr" });
    expect(owned.map(({ promiseId, owner }) => `${promiseId} ${owner}`)).toEqual(["owed-1 hr", "owed-3 hr", "owed-5 hr"]);
  });
});
