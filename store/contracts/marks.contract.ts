import { expect, test } from "vitest";
import { PAUSED } from "../../domain/deciding/pause.ts";
import type { Queryable } from "../engines/database.ts";
import { createMarks, MARKED_ROWS } from "../reading/marks.ts";
import type { Store } from "../store.ts";
import { explained, type Plan, rowsOf, scansOf } from "./counting.contract.ts";
import { aDelivery, NOON, reserve, write } from "./examples.contract.ts";

/** The contract of the marks that live pages are driven by. */
export function marksContract(store: () => Store): void {
  const query = (sql: string, params: readonly unknown[] = []) => store().database.pool.query(sql, params);
  const marks = async (...customerIds: readonly string[]): Promise<Record<string, string>> =>
    Object.fromEntries((await store().marks.read(customerIds)).map(({ topic, customerId = topic, mark }) => [customerId, mark]));
  /** The topics and customers whose marks differ after a deed. */
  const movedBy = async (deed: () => Promise<unknown>, ...customerIds: readonly string[]): Promise<string[]> => {
    const before = await marks(...customerIds);
    await deed();
    const after = await marks(...customerIds);
    return Object.keys(after).filter((name) => before[name] !== after[name]);
  };
  const task = (id: string, state = "open") =>
    query(
      "insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, state) values ($1, 'c-1', 'desk', '', '{}', now(), now(), $2)",
      [id, state],
    );
  const inInbox = (seq: number) =>
    query(
      "insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash) values ($1::bigint, 'web', $1::text, 't', 'c-1', now(), now(), '{}', '')",
      [seq],
    );
  const audited = () => query("insert into audit (at, actor, action, target, details) values (now(), 'ann', 'paused', 'all', '{}')");
  const dead = "update inbox set dead_at = now() where seq = 7";
  const call = "insert into tool_calls (call_key, tool, input, status, created_at) values ('k', 't', '{}', 'planned', now())";

  test("marks stay as they are while nothing happens", async () => {
    await reserve(store(), aDelivery("m-1"));
    expect(await movedBy(async () => {}, "c-m-1", "nobody")).toEqual([]);
    expect(Object.keys(await marks("c-m-1", "nobody"))).not.toContain("nobody");
  });

  test("each deed moves its own topics and the customer it is about", async () => {
    await write(store(), "c-1", []);
    expect(await movedBy(() => write(store(), "c-1", []), "c-1")).toEqual(["c-1"]);
    expect(await movedBy(() => reserve(store(), aDelivery("m-1")))).toEqual(["decisions", "deliveries"]);
    expect(await movedBy(() => store().deliveries.claim(["m-1"], "me", NOON), "c-m-1", "c-1")).toEqual(["deliveries", "c-m-1"]);
    expect(await movedBy(() => inInbox(7), "c-1")).toEqual(["inbox", "c-1"]);
    expect(await movedBy(() => query(dead))).toEqual(["inbox", "dead"]);
    expect(await movedBy(() => query("update inbox set discarded_at = now() where seq = 7"))).toEqual(["dead"]);
    expect(await movedBy(() => query(call))).toEqual(["calls"]);
    expect(await movedBy(() => query("update tool_calls set status = 'uncertain'"))).toEqual(["calls"]);
    expect(await movedBy(() => task("t-1"))).toEqual(["tasks"]);
    expect(await movedBy(() => query("update tasks set state = 'claimed', claimed_by = 'ann'"))).toEqual(["tasks"]);
    expect(await movedBy(() => query("update tasks set claimed_by = 'bob'"))).toEqual(["tasks"]);
    expect(await movedBy(audited)).toEqual(["audit"]);
  });

  test("pauses, promises, approvals and rehearsals have marks of their own", async () => {
    await write(store(), "c-1", []);
    const entry = { at: NOON, by: "ann", action: PAUSED, target: "all", details: {} };
    expect(await movedBy(() => store().operations.pause({ scope: "all" }, entry))).toEqual(["audit", "pauses"]);
    const promise =
      "insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by) values ('p-1', 'c-1', 'reply', 'service', now(), now(), '[]')";
    expect(await movedBy(() => query(promise))).toEqual(["promises"]);
    expect(await movedBy(() => query("update promises set overdue = true"))).toEqual(["promises"]);
    const approval =
      "insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state) values ('a-1', 'c-1', 'd', 'e', 'm', '', now(), 'pending')";
    expect(await movedBy(() => query(approval))).toEqual(["approvals"]);
    expect(await movedBy(() => query("update approvals set state = 'approved'"))).toEqual(["approvals"]);
    const rehearsal =
      "insert into rehearsals (rehearsal_id, status, asked_by, asked_at, request) values ('r-1', 'waiting', 'ann', now(), '{}')";
    expect(await movedBy(() => query(rehearsal))).toEqual(["rehearsals"]);
    expect(await movedBy(() => query("update rehearsals set progress = '{\"done\": 1}'"))).toEqual(["rehearsals"]);
  });

  test("a row that commits after one with a higher number is seen", async () => {
    const insert = (id: number) =>
      query(
        "insert into audit (audit_id, at, actor, action, target, details) overriding system value values ($1, now(), 'ann', 'paused', 'all', '{}')",
        [id],
      );
    await insert(1_002);
    expect(await movedBy(() => insert(1_001))).toEqual(["audit"]);
  });

  test(`more than ${MARKED_ROWS} rows: what is beyond them moves with decisions and operators' deeds`, async () => {
    await write(store(), "c-1", []);
    await query(
      `insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due)
       select 't-' || n, 'c-1', 'desk', '', '{}', now(), now() + n * interval '1 minute' from generate_series(1, ${MARKED_ROWS + 50}) n`,
    );
    const claim = `update tasks set state = 'claimed', claimed_by = 'ann' where task_id = 't-${MARKED_ROWS + 20}'`;
    expect(await movedBy(() => query(claim))).toEqual([]);
    expect(await movedBy(audited)).toEqual(["audit", "tasks"]);
    expect(await movedBy(() => reserve(store(), aDelivery("m-1")))).toEqual(["decisions", "deliveries", "tasks"]);
  });

  test(`a reading takes at most ${MARKED_ROWS} rows a topic, also among thousands that are closed or waiting`, async () => {
    await write(store(), "c-1", []);
    await reserve(store(), aDelivery("m-1"));
    const many = `from generate_series(1, ${MANY}) n`;
    const fill = [
      `insert into decisions (decision_id, run_id, customer_id, decided_at, action, record) select 'd-' || n, 'r', 'c-' || n % 100, now(), 'silence', '{}' ${many}`,
      `insert into deliveries (delivery_id, decision_id, customer_id, experience_id, channel, status, reserved_at, settled_at, moments, expires_at, facts, frozen)
       select 'x-' || n, 'd', 'c-' || n % 100, 'e', 'log', 'sent', now(), now(), '[]', now(), '{}', '{}' ${many}`,
      `insert into tasks (task_id, customer_id, queue, summary, facts, created_at, due, state) select 't-' || n, 'c-1', 'desk', '', '{}', now(), now(), case when n % 2 = 0 then 'done' else 'open' end ${many}`,
      `insert into promises (promise_id, customer_id, name, owner, opened_at, due, opened_by, ended) select 'p-' || n, 'c-1', 'reply', 's', now(), now(), '[]', case when n % 2 = 0 then 'kept' end ${many}`,
      `insert into approvals (approval_id, customer_id, decision_id, experience_id, moment_id, reason, asked_at, state) select 'a-' || n, 'c-1', 'd', 'e', 'm', '', now(), case when n % 2 = 0 then 'approved' else 'pending' end ${many}`,
      `insert into tool_calls (call_key, tool, input, status, created_at) select 'k-' || n, 't', '{}', case when n % 2 = 0 then 'done' else 'planned' end, now() ${many}`,
      `insert into audit (at, actor, action, target, details) select now(), 'ann', 'paused', 'all', '{}' ${many}`,
      `insert into inbox (seq, source, id, type, customer_id, time, received_at, event, body_hash, dead_at) select n, 'web', n::text, 't', 'c-' || n % 100, now(), now(), '{}', '', case when n % 2 = 0 then now() end ${many}`,
      "analyze",
    ];
    for (const sql of fill) await query(sql);
    const plans: Plan[] = [];
    const explaining: Queryable = {
      async query(text, params) {
        plans.push(...(await explained(store().database.pool, text, params)));
        return { rows: [], rowCount: 0 };
      },
    };
    await createMarks(explaining).read(["c-1", "c-m-1"]);
    const scans = plans.flatMap(scansOf);
    expect(scans.map(({ "Relation Name": table }) => table)).toEqual(expect.arrayContaining(["decisions", "deliveries", "tasks", "inbox"]));
    const read = scans.map((scan) => ({ table: scan["Relation Name"], rows: rowsOf(scan) }));
    expect(read.filter(({ rows }) => rows > MARKED_ROWS)).toEqual([]);
  });
}

/** More than any limit in the statement. */
const MANY = 3_000;
