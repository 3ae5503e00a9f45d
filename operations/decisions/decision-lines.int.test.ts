import { describe, expect, test } from "vitest";
import { byTime } from "../../domain/values/time.ts";
import { linesStatement } from "../../store/reading/decision-lines.ts";
import { enginesAt, useOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { earnedDecisions } from "./earned-decisions.ts";
import { READ_AT_MOST } from "./list-lines.ts";
import { ListedDecisions } from "./queries.ts";
import { DecisionLinesView } from "./views.ts";

const POLICY = policyOf(
  `
  channels: {box: {kind: file}, post: {kind: file}, desk: {kind: human}}
  moments: {m: {on: go, expires: 2d}, n: {on: ask, expires: 2d}}
  departments: [sales, service]
  `,
  [
    "id: offer\ndepartment: sales\nserves: [m]\nlimits: {perCustomer: 1, window: 30d}\nchannels: {box: {text: Hello}}",
    "id: answer\ndepartment: service\nserves: [n]\nchannels: {post: {text: Here}}",
  ],
);

describe.each(enginesAt(process.env.DATABASE_URL))("decisions a line each on %s", (_engine, options) => {
  const opened = useOperated(POLICY, options, [{ id: "c-1" }, { id: "c-2" }]);
  const ask = async (query: Readonly<Record<string, string | number>> = {}) => {
    const request = ListedDecisions.parse({ view: "line", ...query });
    return DecisionLinesView.strict().parse(await opened.lookUps.decisions.list(request));
  };
  const told = async (query: Readonly<Record<string, string | number>> = {}) =>
    (await ask(query)).decisions.map(({ at, customerId, experienceId, code }) => [at.slice(5, 13), customerId, experienceId ?? code]);
  /** Copies of the latest decision, an hour apart, after it. */
  const copies = (count: number) =>
    opened.runtime.store.database.pool.query(
      `insert into decisions (decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record)
       select 'copy-' || n, run_id, customer_id, decided_at + n * interval '1 minute', action, experience_id, channel,
              (record::jsonb || jsonb_build_object('decisionId', 'copy-' || n))::json
         from (select * from decisions order by seq desc limit 1) latest, generate_series(1, ${count}) n order by n`,
    );
  const story = () =>
    opened.play([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-06-02T15:00:00Z", "ask", { subject: "c-2" }],
      ["2026-06-05T15:00:00Z", "go"],
      ["2026-06-20T15:00:00Z", "ask"],
    ]);

  test("newest first, within seven days before the latest decision unless the query says otherwise", async () => {
    expect((await ask()).decisions).toEqual([]);
    await story();
    expect(await told()).toEqual([["06-20T15", "c-1", "answer"]]);
    expect((await ask()).searched).toEqual({ from: "2026-06-13T15:00:00Z", whole: true });
    expect(await told({ from: "2026-06-01T00:00:00Z", to: "2026-06-05T15:00:00Z" })).toEqual([
      ["06-02T15", "c-2", "answer"],
      ["06-01T15", "c-1", "offer"],
    ]);
  });

  test("the log for evaluation: every decision in order, page by page, with what its deliveries have earned", async () => {
    await story();
    await opened.runtime.store.database.pool.query(
      `insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, at, reward)
       select delivery_id, customer_id, kind, experience_id, channel, reserved_at, reward
         from deliveries, (values ('opened', 0), ('clicked', 0)) o (kind, reward) where customer_id = 'c-1'`,
    );
    await copies(1_100);
    const page = (await opened.runtime.store.decisionLog.after(0, 3)).rows;
    expect(page.map(({ deliveries }) => deliveries.map(({ outcomes }) => outcomes.map(({ kind }) => kind)))).toEqual([
      [["clicked", "opened", "ignored"]],
      [["ignored"]],
      [],
    ]);
    const read = [];
    for await (const { decisionId, reward } of earnedDecisions(opened.runtime.store, POLICY)) read.push({ decisionId, reward });
    expect(read.map(({ reward }) => reward)).toEqual([1, 0, 0, 1, ...new Array(1_100).fill(0)]);
    expect(new Set(read.map(({ decisionId }) => decisionId)).size).toBe(1_104);
  });

  test("a line has what the list shows: department, moments, reason, what became of the message", async () => {
    await story();
    const { decisions } = await ask({ from: "2026-06-01T00:00:00Z" });
    expect(decisions.map(({ decisionId: _, ...line }) => line)).toMatchObject([
      {
        action: "deliver",
        experienceId: "answer",
        department: "service",
        channel: "post",
        moments: ["n"],
        candidates: 1,
        delivery: "sent",
        recorded: true,
      },
      { action: "silence", code: "limit_reached", moments: ["m"], candidates: 1 },
      { action: "deliver", experienceId: "answer", delivery: "sent" },
      { action: "deliver", experienceId: "offer", department: "sales", channel: "box", delivery: "sent" },
    ]);
    await opened.runtime.store.database.pool.query("update deliveries set status = 'bounced' where channel = 'box'");
    await opened.runtime.store.database.pool.query("update deliveries set recorded = false where channel = 'post'");
    expect((await ask({ from: "2026-06-01T00:00:00Z" })).decisions.filter(({ recorded }) => recorded)).toEqual([]);
    expect((await ask({ from: "2026-06-01T00:00:00Z" })).decisions.at(-1)).toMatchObject({ action: "deliver", delivery: "failed" });
    const bytes = Buffer.byteLength(JSON.stringify(decisions)) / decisions.length;
    expect(bytes).toBeLessThan(300);
  });

  test.each([
    ["customer", "c-2", ["06-02T15"]],
    ["action", "silence", ["06-05T15"]],
    ["experience", "answer", ["06-20T15", "06-02T15"]],
    ["department", "sales", ["06-01T15"]],
    ["channel", "post", ["06-20T15", "06-02T15"]],
    ["reason", "limit_reached", ["06-05T15"]],
    ["moment", "m", ["06-05T15", "06-01T15"]],
    ["policy", "no-such-version", []],
    ["department", "no-such-department", []],
  ])("filter by %s %s", async (name, value, times) => {
    await story();
    expect((await told({ from: "2026-06-01T00:00:00Z", [name]: value })).map(([time]) => time)).toEqual(times);
  });

  test("filters of those that need a person, and of those in which chance had a part", async () => {
    await story();
    const { pool } = opened.runtime.store.database;
    const change = (record: string, where: string) =>
      pool.query(`update decisions set record = (record::jsonb || ${record})::json where ${where}`);
    await change(`'{"action": "await_approval"}'`, "decided_at = '2026-06-05T15:00:00Z'");
    await change(`'{"channel": "desk"}'`, "decided_at = '2026-06-02T15:00:00Z'");
    await change(`'{"probability": 0.5}'`, "decided_at = '2026-06-01T15:00:00Z'");
    const times = async (query: Readonly<Record<string, string>>) =>
      (await told({ from: "2026-06-01T00:00:00Z", ...query })).map(([time]) => time);
    expect(await times({ needs: "person" })).toEqual(["06-05T15", "06-02T15"]);
    expect(await times({ drawn: "true" })).toEqual(["06-01T15"]);
    await pool.query("update deliveries set status = 'failed', settled_at = now() where reserved_at = '2026-06-20T15:00:00Z'");
    expect(await times({ needs: "person" })).toEqual(["06-20T15", "06-05T15", "06-02T15"]);
    expect(await times({ needs: "person", customer: "c-1", drawn: "true" })).toEqual([]);
  });

  test("the cursor goes on where a page ended, page by page, to the end, and misses none", async () => {
    await story();
    await copies(30);
    const pages: string[] = [];
    let next: string | undefined;
    do {
      const page = await ask({ limit: 7, from: "2026-06-01T00:00:00Z", ...(next === undefined ? {} : { cursor: next }) });
      pages.push(...page.decisions.map(({ decisionId }) => decisionId));
      next = page.next;
    } while (next !== undefined);
    expect(pages.length).toBe(34);
    expect(new Set(pages).size).toBe(34);
    expect(pages[0]).toBe("copy-30");
  });

  test("a cursor is bound to its filter, and none can be made up", async () => {
    await story();
    const { next = "" } = await ask({ limit: 1, from: "2026-06-01T00:00:00Z" });
    const refused = { code: "BAD_INPUT" };
    await expect(ask({ limit: 1, from: "2026-06-01T00:00:00Z", action: "silence", cursor: next })).rejects.toMatchObject(refused);
    await expect(ask({ limit: 1, cursor: next })).rejects.toMatchObject(refused);
    await expect(ask({ from: "2026-06-01T00:00:00Z", cursor: `${next.slice(0, -1)}!` })).rejects.toMatchObject(refused);
    await expect(ask({ cursor: "eyJwbGFjZSI6MX0.x" })).rejects.toMatchObject(refused);
    expect((await ask({ limit: 3, from: "2026-06-01T00:00:00Z", cursor: next })).decisions).toHaveLength(3);
  });

  test("a filter that finds nothing reads so many rows, and says how far it came", async () => {
    await story();
    await copies(READ_AT_MOST + 1_000);
    const first = await ask({ reason: "quiet_hours", from: "2026-06-01T00:00:00Z" });
    expect(first).toMatchObject({ decisions: [], searched: { whole: false } });
    expect(byTime(first.searched.from, "2026-06-20T15:00:00Z")).toBeGreaterThan(0);
    const second = await ask({ reason: "quiet_hours", from: "2026-06-01T00:00:00Z", cursor: String(first.next) });
    expect(second).toEqual({ decisions: [], searched: { from: "2026-06-01T00:00:00Z", whole: true } });
  });

  test("of 100,000 decisions a page reads its rows and no more, wherever it begins", async () => {
    await story();
    await copies(100_000);
    const { pool } = opened.runtime.store.database;
    await pool.query("analyze decisions");
    const [{ middle = 0 } = {}] = (await pool.query<{ middle: number }>("select max(seq)::int / 2 as middle from decisions")).rows;
    const rowsOf = async (place: number | null, customer?: string): Promise<number> => {
      const values = [place, 50, null, null, null, "2026-01-01T00:00:00Z", null, ...(customer === undefined ? [] : [customer])];
      const plan = await pool.query<{ "QUERY PLAN": unknown }>(
        `explain (analyze, format json) ${linesStatement(customer !== undefined)}`,
        values,
      );
      // The scan below the limit: what it gives, and what it has looked at in vain.
      const [, ...rows] = [...JSON.stringify(plan.rows).matchAll(/"(?:Actual Rows|Rows Removed by Filter)":\s*(\d+)/g)].map(([, n]) =>
        Number(n),
      );
      return rows.reduce((sum, n) => sum + n, 0);
    };
    expect([await rowsOf(null), await rowsOf(middle), await rowsOf(null, "c-1"), await rowsOf(middle, "c-1")]).toEqual([50, 50, 50, 50]);
    const { decisions } = await ask({ from: "2026-06-01T00:00:00Z", to: "2026-06-03T00:00:00Z" });
    expect(decisions.map(({ experienceId }) => experienceId)).toEqual(["answer", "offer"]);
  });

  test.each([
    ["a time", { from: "yesterday" }],
    ["an end before the beginning", { from: "2026-06-05T00:00:00Z", to: "2026-06-01T00:00:00Z" }],
  ])("a window that is none is refused: %s", async (_, query) => {
    await expect(ask(query)).rejects.toMatchObject({ code: "BAD_INPUT" });
  });
});

test.each([
  ["more lines than are given at once", { view: "line", limit: 201 }],
  ["a filter of lines for whole records", { action: "silence" }],
  ["another view", { view: "page" }],
  ["an action that is none", { view: "line", action: "send" }],
  ["a need that is none", { view: "line", needs: "model" }],
  ["whole records that need a person", { needs: "person" }],
  ["a reason that is none", { view: "line", reason: "mood" }],
])("a query is refused: %s", (_, query) => {
  expect(ListedDecisions.safeParse(query).success).toBe(false);
});

test("the old query means what it meant, and the latest may come first", () => {
  expect(ListedDecisions.parse({ customer: "c-1", limit: "1000" })).toEqual({ customerId: "c-1", limit: 1000 });
  expect(ListedDecisions.parse({ order: "newest" })).toEqual({ limit: 50, order: "newest" });
});
