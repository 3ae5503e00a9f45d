import { expect, test } from "vitest";
import type { Change } from "../../domain/entities/change.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../../domain/values/time.ts";
import type { Pool } from "../engines/database.ts";
import { createDeadLetters } from "../inbox/dead-letters.ts";
import { createOperationRecords } from "../operations.ts";
import { READ_TO } from "../reading/bounded-list.ts";
import { createDays, SAMPLE } from "../reading/days.ts";
import { createHandOvers } from "../reading/hand-overs.ts";
import { COUNTED_TO, createOverview } from "../reading/overview.ts";
import { createReadings } from "../reading/readings.ts";
import type { Store } from "../store.ts";
import { counting } from "./counting.contract.ts";
import { aDecision, aDelivery, delivering, NOON, write } from "./examples.contract.ts";

const at = (instant: Instant) => `'${iso(instant)}'::timestamptz`;

/** The contract of figures for people at work, and of the lists behind them. */
export function overviewContract(store: () => Store): void {
  const sql = (text: string) => store().database.pool.query(text);
  const series = (count: number, insert: string) => sql(`${insert} from generate_series(1, ${count}) n`);
  const inbox = (count: number, label: string, dead = "null", discarded = "null") =>
    series(
      count,
      `insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, dead_at, discarded_at)
       select (select count(*) from inbox) + n, 'web', '${label}' || n, 't', 'c', ${at(NOON)}, ${at(NOON)} + n * interval '1 minute', '{}', 'h', ${dead}, ${discarded}`,
    );
  const tasks = (count: number, queue: string, due: Instant, more: { state?: string; delivery?: string } = {}) =>
    series(
      count,
      `insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, state, delivery_id)
       select '${queue}-${due}-${more.state ?? ""}-' || n, 'c-1', '${queue}', 's', '{}', ${at(NOON)}, ${at(due)}, '${more.state ?? "open"}', ${more.delivery ?? "null"}`,
    );
  const promises = (count: number, due: Instant, ended = "null") =>
    series(
      count,
      `insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by, ended)
       select 'p-' || ${due} || ${ended === "null" ? "''" : ended} || n, 'c-1', 'reply', 'service', ${at(NOON)}, ${at(due)}, '[]', ${ended}`,
    );
  const moved = (deliveryId: string, to: "sent" | "failed" | "uncertain" | "cancelled", when: Instant = NOON): Change => ({
    type: "delivery_moved",
    deliveryId,
    to,
    reason: "x",
    at: when,
  });
  const deliver = (deliveryId: string, channel: string, when: Instant, ...then: readonly Change[]) =>
    write(store(), `c-${deliveryId}`, [delivering(`c-${deliveryId}`, aDelivery(deliveryId, { channel, at: when })), ...then]);
  const calls = (count: number, status: string, tool = "open_case", when: Instant = NOON) =>
    series(
      count,
      `insert into tool_calls (call_key, tool, customer_id, input, status, created_at, error)
       select '${tool}-${status}-' || lpad(n::text, 5, '0'), '${tool}', 'c-1', '{}', '${status}', ${at(when)} + n * interval '1 second', '{"code": "TOOL_FAILED", "message": "no"}'`,
    );

  test("an empty store has nothing that waits", async () => {
    const none = { count: 0 };
    expect(await store().overview.backlog(NOON)).toEqual({ signals: none, timers: none, dead: none, undeliverable: none });
    expect(await store().overview.deliveries(NOON)).toEqual({ states: [] });
    expect(await store().overview.calls(NOON)).toEqual({ states: [] });
    expect(await store().overview.queues(NOON)).toEqual([]);
    expect(await store().overview.approvals(NOON)).toEqual({ count: 0 });
    expect(await store().overview.promises(NOON)).toEqual({ open: none, overdue: none });
    expect(await store().days.figures(NOON, NOON + DAY)).toEqual({ decisions: 0, silent: 0, delivered: 0, outcomes: 0 });
  });

  test("the backlog: waiting signals with the oldest, due timers, dead letters without discarded ones", async () => {
    await inbox(3, "w");
    await inbox(2, "d", "now()");
    await inbox(1, "x", "now()", "now()");
    await write(store(), "c-1", [
      { type: "timer_set", key: "a", timer: { name: "review", due: NOON - 1 } },
      { type: "timer_set", key: "b", timer: { name: "review", due: NOON + 1 } },
    ]);
    expect(await store().overview.backlog(NOON)).toEqual({
      ...{ signals: { count: 3 }, oldestSignal: NOON + MINUTE, timers: { count: 1 }, oldestTimer: NOON - 1 },
      ...{ dead: { count: 2 }, undeliverable: { count: 0 } },
    });
  });

  test("a count ends at a bound, and says that there are more", async () => {
    await inbox(COUNTED_TO, "a");
    expect((await store().overview.backlog(NOON)).signals).toEqual({ count: COUNTED_TO });
    await inbox(1, "b");
    expect((await store().overview.backlog(NOON)).signals).toEqual({ count: COUNTED_TO, atLeast: true });
  });

  test("open tasks by queue: claimed, overdue, the next due; not those whose moment is over as well", async () => {
    await write(store(), "c-1", []);
    await write(store(), "c-m-1", [delivering("c-m-1", aDelivery("m-1", { channel: "desk", expiresAt: NOON - DAY }))]);
    await tasks(2, "sales", NOON + HOUR);
    await tasks(1, "sales", NOON - HOUR, { state: "claimed" });
    await tasks(1, "sales", NOON - DAY, { delivery: "'m-1'" });
    await tasks(1, "sales", NOON - DAY, { state: "done" });
    await tasks(1, "service", NOON - 2 * HOUR);
    await tasks(1, "zero", NOON - DAY, { state: "expired" });
    expect(await store().overview.queues(NOON)).toEqual([
      { queue: "sales", open: { count: 3 }, claimed: 1, overdue: 1, nextDue: NOON - HOUR },
      { queue: "service", open: { count: 1 }, claimed: 0, overdue: 1, nextDue: NOON - 2 * HOUR },
    ]);
  });

  test("promises: open, overdue, and the next due", async () => {
    await write(store(), "c-1", []);
    await promises(2, NOON + HOUR);
    await promises(1, NOON - HOUR);
    await promises(4, NOON - DAY, "'kept'");
    expect(await store().overview.promises(NOON)).toEqual({
      ...{ open: { count: 3 }, overdue: { count: 1 } },
      next: { promiseId: `p-${NOON - HOUR}1`, customerId: "c-1", name: "reply", due: NOON - HOUR },
    });
  });

  test("approvals that can still be answered, and the first to expire", async () => {
    await write(store(), "c-1", []);
    const moment = (id: string, expires: Instant, ended = "null") =>
      sql(`insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by, ended)
           values ('${id}', 'c-1', 'm', ${at(NOON)}, ${at(expires)}, 1, '{}', 's', 1, 1, 'rule', ${ended})`);
    const approval = (id: string, momentId: string, state = "pending") =>
      sql(`insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state)
           values ('${id}', 'c-1', 'd', 'e', '${momentId}', 'high value', ${at(NOON)}, '${state}')`);
    await moment("late", NOON + DAY);
    await moment("soon", NOON + HOUR);
    await moment("past", NOON);
    await moment("served", NOON + MINUTE, "'served'");
    await approval("a-1", "late");
    await approval("a-2", "soon");
    await approval("a-3", "past");
    await approval("a-4", "served");
    await approval("a-5", "soon", "rejected");
    expect(await store().overview.approvals(NOON)).toEqual({
      count: 2,
      next: { approvalId: "a-2", customerId: "c-1", experienceId: "e", expiresAt: NOON + HOUR },
    });
  });

  test("deliveries and calls by state: what is open, and what went wrong since an instant", async () => {
    await deliver("m-1", "email", NOON);
    await deliver("m-2", "email", NOON - HOUR);
    await deliver("m-3", "sms", NOON, moved("m-3", "failed"));
    await deliver("m-4", "sms", NOON - DAY, moved("m-4", "uncertain", NOON - DAY));
    await deliver("m-5", "sms", NOON, moved("m-5", "sent"));
    await deliver("m-6", "sms", NOON, moved("m-6", "cancelled"));
    expect(await store().overview.deliveries(NOON - HOUR)).toEqual({
      states: [
        { of: "email", status: "reserved", count: 2 },
        { of: "sms", status: "failed", count: 1 },
      ],
      oldestOpen: NOON - HOUR,
    });
    await write(store(), "c-1", []);
    await calls(2, "uncertain");
    await calls(1, "failed", "send_order");
    await calls(3, "done");
    expect(await store().overview.calls(NOON)).toEqual({
      states: [
        { of: "open_case", status: "uncertain", count: 2 },
        { of: "send_order", status: "failed", count: 1 },
      ],
    });
    await calls(COUNTED_TO, "failed");
    expect((await store().overview.calls(NOON)).atLeast).toBe(true);
  });

  test("a day's decisions, its silent ones, deliveries and outcomes; the days beside it do not count", async () => {
    const decide = (id: string, action: "silence" | "withhold" | "defer", when: Instant) =>
      write(store(), "c-1", [{ type: "decided", decision: aDecision(id, "c-1", { action, decidedAt: iso(when) }) }]);
    await decide("d-1", "silence", NOON - 1);
    await decide("d-2", "silence", NOON);
    await decide("d-3", "withhold", NOON + HOUR);
    await deliver("m-1", "email", NOON + HOUR, {
      type: "outcome_added",
      outcome: { deliveryId: "m-1", experienceId: "lease-options", channel: "email", kind: "opened", at: NOON + HOUR },
      reward: 0,
    });
    await sql(`update decisions set decided_at = ${at(NOON + HOUR)} where decision_id = 'd-m-1'`);
    await decide("d-4", "defer", NOON + DAY - 1);
    await decide("d-5", "silence", NOON + DAY);
    expect(await store().days.figures(NOON, NOON + DAY)).toEqual({ decisions: 4, silent: 2, delivered: 1, outcomes: 1 });
    expect(await store().days.figures(NOON - DAY, NOON)).toEqual({ decisions: 1, silent: 1, delivered: 0, outcomes: 0 });
  });

  test("of a day with many decisions a sample is read, and the figures say that they are about", async () => {
    const count = 3 * SAMPLE;
    await series(
      count,
      `insert into decisions (decision_id, run_id, customer_id, decided_at, action, record)
       select 'd-' || n, 'r', 'c-1', ${at(NOON)} + n * interval '1 second', case when n % 3 = 0 then 'deliver' else 'silence' end, '{}'`,
    );
    const day = await store().days.figures(NOON, NOON + DAY);
    expect(day).toMatchObject({ decisions: count, outcomes: 0, about: true });
    expect(Math.abs(day.silent - (count * 2) / 3)).toBeLessThan(count / 10 + count / 3);
    await sql("delete from decisions where seq % 2 = 0");
    const left = await store().days.figures(NOON, NOON + DAY);
    expect(Math.abs(left.decisions - count / 2)).toBeLessThan(count / 10);
  });

  test("deliveries that went wrong are listed newest first, in pages, by status and channel", async () => {
    const week = { from: NOON - 7 * DAY, to: NOON + DAY };
    for (const [id, channel, status, when] of [
      ["m-1", "sms", "failed", NOON - HOUR],
      ["m-2", "sms", "uncertain", NOON],
      ["m-3", "email", "failed", NOON],
      ["m-4", "email", "sent", NOON],
      ["m-5", "email", "failed", NOON - 8 * DAY],
    ] as const)
      await deliver(id, channel, when, moved(id, status, when));
    await deliver("m-6", "email", NOON);
    const ids = async (wanted: object) =>
      (await store().handOvers.deliveries({ ...week, limit: 9, ...wanted })).entries.map(({ deliveryId }) => deliveryId);
    expect(await ids({})).toEqual(["m-3", "m-2", "m-1"]);
    expect(await ids({ limit: 1, after: { at: NOON, id: "m-3" } })).toEqual(["m-2"]);
    expect(await ids({ after: { at: NOON, id: "m-2" } })).toEqual(["m-1"]);
    expect(await ids({ status: "failed", channel: "sms" })).toEqual(["m-1"]);
    expect(await ids({ status: "reserved" })).toEqual(["m-6"]);
    expect(await ids({ customerId: "c-m-4" })).toEqual(["m-4"]);
    expect((await store().handOvers.deliveries({ ...week, limit: 1, status: "uncertain" })).entries).toEqual([
      {
        ...{ deliveryId: "m-2", decisionId: "d-m-2", customerId: "c-m-2", experienceId: "lease-options", department: "sales" },
        ...{ channel: "sms", to: "ada@example.org", status: "uncertain", reason: "x", reservedAt: NOON, settledAt: NOON, attempts: 0 },
      },
    ]);
  });

  test("calls are listed newest first; a page reads a bounded number of rows and says how far it got", async () => {
    await write(store(), "c-1", []);
    await calls(2, "uncertain", "open_case", NOON - HOUR);
    await calls(1, "done");
    const wanted = { from: NOON - DAY, to: NOON + DAY, limit: 9 };
    const { entries, reached } = await store().handOvers.calls({ ...wanted, status: "uncertain" });
    expect(reached).toBeUndefined();
    expect(entries.map(({ key }) => key)).toEqual(["open_case-uncertain-00002", "open_case-uncertain-00001"]);
    expect(entries[0]).toMatchObject({ customerId: "c-1", attempts: 0, error: { code: "TOOL_FAILED", message: "no" } });
    await calls(READ_TO, "failed", "send_order");
    const far = await store().handOvers.calls({ ...wanted, status: "uncertain", tool: "open_case" });
    expect(far.entries).toEqual([]);
    expect(far.reached).toEqual({ at: NOON + 1_000, id: "send_order-failed-00001" });
    const on = await store().handOvers.calls({ ...wanted, status: "uncertain", tool: "open_case", after: far.reached });
    expect([on.entries.length, on.reached]).toEqual([2, undefined]);
    const full = await store().handOvers.calls({ ...wanted, limit: 1, status: "uncertain", after: far.reached });
    expect(full.reached).toEqual({ at: entries[0]?.at, id: "open_case-uncertain-00002" });
  });

  test("figures and lists of a large store read a bounded number of rows", async () => {
    const many = 20_000;
    await write(store(), "c-1", []);
    await series(
      many,
      `insert into decisions (decision_id, run_id, customer_id, decided_at, action, record)
       select 'd-' || n, 'r', 'c-1', ${at(NOON)} + n * interval '1 second', 'silence', '{}'`,
    );
    await inbox(many, "w");
    await inbox(many, "x", "now()", "now()");
    await calls(many, "failed");
    await tasks(many, "sales", NOON);
    await promises(many, NOON + DAY);
    await sql(`insert into audit (at, actor, action, target, customer_id, details)
               select ${at(NOON)} + n * interval '1 second', 'ann', 'paused', 't', 'c-1', '{}' from generate_series(1, ${many}) n`);
    await promises(many, NOON + DAY, "'kept'");
    const later = `${at(NOON)} + n * interval '1 second'`;
    await series(
      many,
      `insert into moments (moment_id, customer_id, name, opened_at, expires_at, urgency, data, opened_by, opened_seq, confidence, decided_by)
       select 'm-' || n, 'c-1', 'm-' || n, ${at(NOON)}, ${at(NOON + DAY)}, 0, '{}', 's', n, 1, 'rule'`,
    );
    await series(
      many,
      `insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state)
       select 'a-' || n, 'c-1', 'd', 'e', 'm-' || n, 'r', ${later}, (array['pending', 'approved'])[1 + n % 2]`,
    );
    await series(
      many,
      `insert into cases (customer_id, case_id, opened_at, closed_at, data) select 'c-1', 'k-' || n, ${later}, case when n % 2 = 0 then ${later} end, '{}'`,
    );
    await inbox(many, "y", later);
    await series(
      many,
      `insert into failed_timers (customer_id, key, name, due, attempts, error, dead_at) select 'c-1', 't-' || n, 't', ${at(NOON)}, 5, '{}', ${later}`,
    );
    await series(
      many,
      `insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen)
       select 'm-' || n, 'x-' || n, 'c-1', 'e', 'box', 'sent', ${at(NOON - 9 * DAY)}, ${at(NOON - 9 * DAY)}, '[]', ${at(NOON)}, '{}', '{}'`,
    );
    await series(
      many,
      `insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, at, reward) select 'm-' || n, 'c-1', 'opened', 'e', 'box', ${later} + interval '2 days', 1`,
    );
    await sql("analyze");
    const { db, read } = counting(store().database.pool);
    const [dead, readings] = [createDeadLetters(db as Pool), createReadings(db)];
    const middle = NOON + (many / 2) * 1_000;
    const promise = { promiseId: "p-1", due: NOON + DAY, ended: false };
    const aCase = { caseId: "x", customerId: "c-1", openedAt: middle, closed: false };
    const [overview, handOvers, days] = [createOverview(db), createHandOvers(db), createDays(db)];
    const operations = createOperationRecords(db as Pool);
    const late = NOON + 0.9 * many * 1_000;
    const task = { queue: "sales", due: NOON, taskId: `sales-${NOON}--5`, ended: false };
    const bounds: Readonly<Record<string, readonly [bound: number, reads: () => Promise<unknown>]>> = {
      // The dead ones among the letters that were discarded are looked for in the latest 5,000.
      backlog: [5_000 + 3 * COUNTED_TO, () => overview.backlog(NOON + DAY)],
      deliveries: [COUNTED_TO + 10, () => overview.deliveries(NOON)],
      calls: [COUNTED_TO + 10, () => overview.calls(NOON)],
      queues: [2 * COUNTED_TO + 10, () => overview.queues(NOON)],
      approvals: [2 * (COUNTED_TO + 5), () => overview.approvals(NOON)],
      promises: [2 * COUNTED_TO + 10, () => overview.promises(NOON)],
      day: [2 * SAMPLE, () => days.figures(NOON, NOON + HOUR)],
      list: [READ_TO + 10, () => handOvers.calls({ from: NOON, to: NOON + DAY, limit: 50, tool: "none" })],
      calls_page: [READ_TO + 10, () => handOvers.calls({ from: NOON, to: NOON + DAY, limit: 50, after: { at: late, id: "x" } })],
      audit: [60, () => operations.audit({ limit: 50, before: many / 2 })],
      tasks: [60, () => operations.tasks({ limit: 50, order: "due" })],
      tasks_page: [60, () => operations.tasks({ limit: 50, order: "due", page: { after: task } })],
      tasks_by_queue: [60, () => operations.tasks({ limit: 50, all: true, page: { after: task } })],
      tasks_claimed: [READ_TO + 10, () => operations.tasks({ limit: 50, claimedBy: "nobody", order: "due", page: {} })],
      promises_page: [60, () => operations.promises({ limit: 50, page: { after: promise } })],
      promises_all: [
        60,
        () => operations.promises({ limit: 50, all: true, order: "due", page: { after: { ...promise, promiseId: "p-2", ended: true } } }),
      ],
      promises_owned: [2 * READ_TO + 10, () => operations.promises({ limit: 50, all: true, owner: "nobody", page: {} })],
      // An approval with its moment, and the latest 50 decisions of its customer; one whose moment is over does not fit.
      approvals_page: [
        2 * READ_TO + 53 * 51,
        () => operations.approvals({ limit: 50, now: NOON, page: { after: { askedAt: middle, approvalId: "x" } } }),
      ],
      approvals_all: [
        53 * 51,
        () =>
          operations.approvals({ limit: 50, now: NOON, all: true, order: "latest", page: { after: { askedAt: middle, approvalId: "x" } } }),
      ],
      cases: [60, () => operations.cases({ limit: 50, page: { after: aCase } })],
      cases_all: [120, () => operations.cases({ limit: 50, all: true, page: { after: aCase } })],
      dead: [120, () => dead.list({ limit: 50, page: {} })],
      dead_page: [120, () => dead.list({ limit: 50, page: { after: { diedAt: middle, id: "x" } } })],
      dead_of_code: [2 * READ_TO + 10, () => dead.list({ limit: 50, code: "none", page: {} })],
      outcomes: [
        120,
        () => readings.outcomes({ limit: 50, page: { after: { at: iso(middle + 2 * DAY), deliveryId: "x", kind: "opened" } } }),
      ],
      tasks_all: [60, () => operations.tasks({ limit: 50, order: "due", all: true, page: { after: task } })],
    };
    const over: unknown[] = [];
    for (const [name, [bound, reads]] of Object.entries(bounds)) {
      await reads();
      const rows = read();
      if (rows > bound || (rows === 0 && name !== "deliveries")) over.push({ name, bound, rows });
    }
    expect(over).toEqual([]);
  });

  test("a page of runs reads its rows and their decisions, wherever it begins", async () => {
    const many = 20_000;
    await series(
      many,
      `insert into runs (run_id, customer_id, wake, started_at, status, policy_version, steps)
       select 'r-' || n, 'c-' || n, '{}', ${at(NOON)} + n * interval '1 second', 'done', 'v', '[]'`,
    );
    await series(
      many,
      `insert into decisions (decision_id, run_id, customer_id, decided_at, action, record)
       select 'd-' || n, 'r-' || n, 'c-' || n, ${at(NOON)} + n * interval '1 second', 'silence', '{}'`,
    );
    await sql("analyze");
    const { db, read } = counting(store().database.pool);
    const { runs } = createReadings(db);
    for (const after of [undefined, { startedAt: iso(NOON + (many / 2) * 1_000), runId: "x" }]) {
      const page = await runs({ limit: 50, after });
      expect([page.length, page[0]?.action, Math.max(read(), 120)]).toEqual([50, "silence", 120]);
    }
  });
}
