import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import type { Policy } from "../domain/entities/policy.ts";
import { keepingOf } from "../domain/record/retention.ts";
import type { Json } from "../domain/values/json.ts";
import { seededRandom } from "../domain/values/random.ts";
import { DAY, HOUR, type Instant, iso, MINUTE } from "../domain/values/time.ts";
import { CLOCK, runStream } from "../engine/run-stream.ts";
import { importCustomers, readCustomers } from "../intake/import-customers.ts";
import { createIngest } from "../intake/ingest.ts";
import { readSignalLines } from "../intake/read-signals.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { channelsOf } from "../runtime/load-channels.ts";
import { silentLog } from "../telemetry/log.ts";
import { NOW } from "../testing/builders.ts";
import { enginesAt, type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { tools } from "../tools/index.ts";
import { loadWorkspace } from "../workspace/load.ts";
import { createPruner } from "./prune.ts";

/** The shortest retention: only rows that rules still need stay. */
const shortly = (policy: Policy): Policy => ({ ...policy, retention: { signals: 1, history: 1, runs: 1, asks: 1, anonymous: 1 } });

const prune = ({ store }: Pick<Runtime, "store">, policy: Policy, now: Instant) =>
  createPruner({ store, policy: () => policy, now: () => now, log: silentLog, metrics: { add: () => {} } }).prune();

/** Replays lines in parts and optionally prunes after each. Returns decisions and the number of pruned rows. */
async function live(
  runtime: Runtime,
  policy: Policy,
  lines: readonly string[],
  { forgets, part = 10 }: { forgets: boolean; part?: number },
) {
  const decisions: Decision[] = [];
  const gone: Record<string, number> = {};
  for (let from = 0; from < lines.length; from += part) {
    await runStream(readSignalLines(Readable.from(lines.slice(from, from + part).join("\n"))), {
      ...{ store: runtime.store, decider: runtime.decider },
      onDecision: (decision) => void decisions.push(decision),
    });
    if (!forgets) continue;
    const now = Number(await runtime.store.setting(CLOCK));
    for (const [table, n] of Object.entries(await prune(runtime, shortly(policy), now))) gone[table] = (gone[table] ?? 0) + n;
  }
  return { decisions, gone };
}

const RULES = `
timezone: UTC
moments:
  m: {on: go, expires: 3d, once: 2d, when: "count('page.viewed', '6d') < 4 && touches('20d') < 6"}
  late: {absent: {signal: go, for: 9d}, expires: 3d}
promises:
  parts: {opens: ordered, due: 4d, owner: service, closes: shipped, whileOpen: {suppress: [sales]}}
governance:
  caps: [{id: weekly, max: 2, window: 7d}, {id: monthly, max: 5, window: 30d}]
  suppress:
    - {after: {outcome: ignored, times: 2, within: 10d}, for: 12d, scope: experience}
    - {after: {signal: complained}, for: 5d}
learning: {explore: thompson, features: [moment.name]}
`;
const CATALOGUE = [
  "id: a\ndepartment: sales\nserves: [m]\nvalue: 3\nlimits: {perCustomer: 3, window: 15d}\nsuccess: {signal: bought, within: 5d}",
  "id: b\nserves: [m, late]\nvalue: 2\nlimits: {perCustomer: 4}",
  'id: c\nserves: [late]\nvalue: 2\naction: {tool: issue_offer, input: {percent: 10, validFor: 2d}}\nchannels: {box: {text: "{{ action.code }} {{ customer.size }}"}}',
  'id: d\nserves: [m]\nchannels: {box: {text: "Size {{ customer.size }}"}}\nlimits: {perCustomer: 2, window: 25d}',
  "id: f\nserves: [fact_corrected]\nvalue: 9\nchannels: {box: {text: Sorry}}",
];
const TYPES = [
  "go",
  "go",
  "page.viewed",
  "page.viewed",
  "bought",
  "complained",
  "ordered",
  "shipped",
  "customer.updated",
  "message.received",
];

/** Five months of five customers. */
function fiveMonths(): string[] {
  const random = seededRandom("five months");
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T; // An index within the list.
  return Array.from({ length: 260 }, (_, n) => {
    const type = pick(TYPES);
    const data: Json =
      type === "customer.updated"
        ? { traits: { size: Math.floor(random() * 3) } }
        : type === "message.received"
          ? { channel: "box", text: "Hello?" }
          : {};
    const time = iso(NOW + n * 0.55 * DAY + Math.floor(random() * HOUR));
    return JSON.stringify({ specversion: "1.0", id: `s-${n}`, source: "web", type, subject: `c-${Math.floor(random() * 5)}`, time, data });
  });
}

describe.each(enginesAt(process.env.DATABASE_URL))("pruning changes no decision (%s)", (_, { databaseUrl }) => {
  const place = databaseUrl === undefined ? {} : { databaseUrl, temporary: true };

  test("under rules that look back at everything", async () => {
    const policy = policyOf(RULES, CATALOGUE);
    const lines = fiveMonths();
    await using whole = await createRuntime({ policy, live: false, now: Date.now, ...place });
    await using pruned = await createRuntime({ policy, live: false, now: Date.now, ...place });
    const before = await live(whole, policy, lines, { forgets: false });
    const { decisions, gone } = await live(pruned, policy, lines, { forgets: true });
    expect(decisions).toEqual(before.decisions);
    expect(decisions.length).toBeGreaterThan(80);
    expect(Object.keys(gone)).toEqual(
      expect.arrayContaining(["signals", "decisions", "runs", "touches", "moments", "promises", "offers", "tool_calls", "tasks"]),
    );
    const kept = await pruned.store.read.counts();
    const all = await whole.store.read.counts();
    expect([kept.signals, kept.decisions].map((n) => (n ?? 0) > 0)).toEqual([true, true]);
    expect((kept.signals ?? 0) < (all.signals ?? 0) / 2).toBe(true);
    expect((kept.decisions ?? 0) < (all.decisions ?? 0)).toBe(true);
  });

  test.skipIf(databaseUrl)("in the dealership", async () => {
    const dir = join(import.meta.dirname, "..", "examples", "dealership");
    const workspace = loadWorkspace(dir, { environment: {}, channels: channelsOf(), tools: [...tools.map(({ name }) => name)] });
    const { policy } = workspace;
    const lines = readFileSync(join(dir, "signals.jsonl"), "utf8").trim().split("\n");
    const played = async (forgets: boolean) => {
      await using runtime = await createRuntime({ policy, live: false, now: Date.now, ...place });
      const first = (JSON.parse(lines[0] ?? "{}") as { time: string }).time;
      await importCustomers(readCustomers(join(dir, "customers.jsonl")).lines, Date.parse(first), runtime.store, policy);
      return await live(runtime, policy, lines, { forgets, part: 60 });
    };
    const { decisions, gone } = await played(true);
    expect(decisions).toEqual((await played(false)).decisions);
    expect(Object.keys(gone)).toContain("signals");
  });
});

describe.each(enginesAt(process.env.DATABASE_URL))("pruning (%s)", (_, options) => {
  const policy = policyOf(
    "moments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}}\nchannels: {box: {kind: file}, desk: {kind: human}, web: {kind: pull}}\ngovernance: {approval: [{when: experience.value > 5, reason: dear}]}",
    [
      "id: plain",
      "id: dear\nserves: [n]\nvalue: 9",
      "id: call\nserves: [n]\nvalue: 1\nchannels: {desk: {summary: Call}}",
      "id: shown\nserves: [asking]\neligibility: [ask.context.give == true]\nlimits: {total: 9}\nchannels: {web: {content: {a: b}}}",
    ],
  );
  let opened: OperatedStore | undefined;
  const on = (): OperatedStore => {
    if (!opened) throw new Error("the store is not open");
    return opened;
  };
  const years = (count: number): Instant => NOW + count * 365 * DAY;
  const count = async (table: string): Promise<number> => Number((await on().rows(`select count(*) as n from ${table}`))[0]?.n);
  const take = (id: string, data: Record<string, string> = {}) =>
    createIngest({ inbox: on().runtime.store.inbox, now: () => NOW, channels: {}, onAccepted: () => {} }).take([
      { ok: true, event: { specversion: "1.0", id, source: "test", type: "go", subject: "c-1", time: "2026-06-01T15:00:00Z", data } },
    ]);

  beforeAll(async () => {
    opened = await openOperated(policy, options);
  });
  beforeEach(() => on().runtime.store.clear());
  afterAll(() => opened?.runtime.close());

  test("a pruned signal is still recognized: the same one is a duplicate, and another body a conflict", async () => {
    await on().play([["2026-06-01T15:00:00Z", "go"]]);
    const [{ id = "" } = {}] = await on().rows("select id from signals");
    expect(await prune(on().runtime, policy, years(2))).toMatchObject({ signals: 1 });
    expect(await count("signals")).toBe(0);
    expect(await take(String(id))).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await take(String(id), { other: "body" })).toMatchObject({ accepted: 0, rejected: [{ code: "CONFLICT" }] });
    expect(await on().runtime.store.signals.known([{ source: "test", id: String(id) }])).toHaveProperty("size", 1);
    expect(await on().runtime.store.pruning.prunedUntil()).toBe(years(2) - 400 * DAY);
  });

  test("with a configured retention of signals, they are new after it", async () => {
    await on().play([["2026-06-01T15:00:00Z", "go"]]);
    const [{ id = "" } = {}] = await on().rows("select id from signals");
    const shorter = { ...policy, retention: { ...policy.retention, duplicates: 500 * DAY } };
    await prune(on().runtime, shorter, NOW + 450 * DAY);
    expect(await count("known_signals")).toBe(1);
    await prune(on().runtime, shorter, years(2));
    expect(await count("known_signals")).toBe(0);
    expect(await take(String(id))).toMatchObject({ accepted: 1 });
  });

  test("an erased customer is not recognized by their signals either", async () => {
    await on().play([["2026-06-01T15:00:00Z", "go"]]);
    await prune(on().runtime, policy, years(2));
    expect((await on().operations.customers.erase({ id: "c-1" }, { by: "me" })).removed).toMatchObject({ known_signals: 1 });
    expect(await count("known_signals")).toBe(0);
  });

  test("open records stay, however old: approvals, tasks, promises, unanswered messages, and deliveries in flight", async () => {
    await on().play([
      ["2026-06-01T15:00:00Z", "come"],
      ["2026-06-01T15:01:00Z", "message.received", { channel: "box", text: "Hello?", subject: "c-2" }],
    ]);
    await on().play([["2026-06-01T15:02:00Z", "go", { subject: "c-3" }]]);
    await on().rows("update deliveries set status = 'reserved', settled_at = null where customer_id = 'c-3'");
    await on().rows("update moments set expires_at = '2099-01-01' where customer_id = 'c-1'");
    const open = async () => ({
      approvals: await on().rows("select approval_id, state from approvals"),
      promises: await on().rows("select promise_id from promises where ended is null"),
      messages: await on().rows("select id from signals where type = 'message.received'"),
      deliveries: await on().rows("select delivery_id from deliveries where status = 'reserved'"),
      decisions: await on().rows("select decision_id from decisions order by seq"),
      moments: await on().rows("select moment_id from moments where ended is null"),
    });
    const before = await open();
    expect(Object.values(before).map((rows) => rows.length > 0)).toEqual([true, true, true, true, true, true]);
    expect(await prune(on().runtime, policy, years(9))).toMatchObject({ signals: 2 });
    expect(await open()).toEqual(before);
  });

  test("pruned slots count against a limit that is added later", async () => {
    await on().play([
      ["2026-06-01T15:00:00Z", "go"],
      ["2026-08-01T15:00:00Z", "go"],
      ["2026-10-01T15:00:00Z", "go"],
    ]);
    const taken = await count("deliveries");
    expect(taken).toBe(3);
    expect(await prune(on().runtime, policy, years(9))).toMatchObject({ decisions: 2 });
    expect(await count("deliveries")).toBe(1);
    expect((await on().runtime.store.totals(["plain"])).get("plain")).toBe(taken);
  });

  const asked = (n: number, more: object, from: object = { subject: "c-1" }) =>
    JSON.stringify({
      ...{ specversion: "1.0", id: `a-${n}`, source: "page", type: "sentient.ask", time: iso(NOW + n * HOUR), ...from },
      data: { channel: "web", context: more, ...("subject" in from ? {} : from) },
    });
  const playLines = (...lines: readonly string[]) =>
    runStream(readSignalLines(Readable.from(lines.join("\n"))), {
      ...{ store: on().runtime.store, decider: on().runtime.decider },
      onDecision: () => {},
    });
  const kept = async () => [await count("asks"), await count("signals"), await count("decisions"), await count("runs")];

  test("asks that gave nothing become counts; those that gave something stay as long as history", async () => {
    await playLines(asked(0, {}), asked(1, {}), asked(2, { give: true }), asked(30, {}));
    expect(await prune(on().runtime, policy, NOW + 30 * DAY)).toEqual({});
    expect(await prune(on().runtime, policy, NOW + 31 * DAY)).toEqual({ asks: 2 });
    expect(await kept()).toEqual([2, 2, 2, 2]);
    const day = "2026-06-01";
    // As the page on the service says.
    const service = readFileSync(join(import.meta.dirname, "../docs/service.md"), "utf8");
    expect(await on().rows(/`(select [^`]* from ask_counts)`/.exec(service)?.[1] ?? "")).toEqual([
      { channel: "web", day, late: false, asks: 2 },
    ]);
    expect(await prune(on().runtime, policy, NOW + 32 * DAY)).toEqual({ asks: 1 });
    expect(await on().rows("select sum(asks)::int as n from ask_counts")).toEqual([{ n: 3 }]);
    expect(await prune(on().runtime, policy, years(2))).toMatchObject({ asks: 1 });
    expect(await count("asks")).toBe(0);
  });

  test("a decision stays that an approval was asked for", async () => {
    await playLines(asked(0, {}));
    await on().rows(
      "insert into approvals (approval_id, decision_id, customer_id, moment_id, experience_id, reason, state, asked_at, answered_at) select 'p', decision_id, customer_id, 'm', 'dear', 'dear', 'rejected', decided_at, decided_at from decisions",
    );
    expect(await prune(on().runtime, policy, NOW + 31 * DAY)).toEqual({ asks: 1 });
    expect(await kept()).toEqual([0, 0, 1, 1]);
  });

  const visitor = (value: string, type = "anonymous_id") => ({ identities: [{ type, value }] });
  const idOf = async (value: string) =>
    String((await on().rows(`select customer_id from identities where value = '${value}'`))[0]?.customer_id);
  const still = async () => (await on().rows('select value from identities order by value collate "C"')).map(({ value }) => value);

  test("a visitor is forgotten a while after the last word, with nothing left; whoever is known, or has something open, is not", async () => {
    await playLines(
      asked(0, { give: true }, visitor("Ä-gone")),
      asked(1, {}, visitor("open")),
      asked(2, {}, visitor("known")),
      asked(3, {}, visitor("k@example.org", "email")),
      asked(4, {}),
      asked(30, {}, visitor("back")),
    );
    const [gone, open, known] = [await idOf("Ä-gone"), await idOf("open"), await idOf("known")];
    await on().rows(
      `insert into identities (customer_id, type, value, form, source, at, owned) values ('${known}', 'email', 'x@example.org', 'x@example.org', 's', now(), true)`,
    );
    await on().rows(
      `insert into promises (promise_id, customer_id, name, opened_at, due, owner, opened_by) values ('p', '${open}', 'parts', now(), now(), 'sales', '{}')`,
    );
    expect(await prune(on().runtime, policy, NOW + 30 * DAY - 1)).toEqual({});
    expect(await prune(on().runtime, policy, NOW + 31 * DAY)).toMatchObject({ customers: 1 });
    expect(await still()).toEqual(["back", "k@example.org", "known", "open", "x@example.org"]);
    expect(await on().runtime.store.people.counts([gone])).toEqual({});
    expect([await count("erasures"), await count("erased_addresses")]).toEqual([0, 0]);
    expect((await on().runtime.store.totals(["shown"])).get("shown")).toBe(1);
    await playLines(asked(31 * 24, { give: true }, visitor("Ä-gone")));
    expect(await idOf("Ä-gone")).toBe(gone);
  });

  test("visitors who were merged are forgotten together, none before the last word of any; one who is a known customer by now stays", async () => {
    const values = ["v1", "v2", "v3", "v4"];
    await playLines(
      ...values.map((value, n) => asked(n, { give: n === 0 }, visitor(value))),
      asked(4, {}, visitor("k@example.org", "email")),
    );
    const ids = await Promise.all([...values, "k@example.org"].map(idOf));
    const merged = (from: number, into: number, n: number) =>
      JSON.stringify({
        ...{ specversion: "1.0", id: `m-${n}`, source: "page", type: "customer.merged", time: iso(NOW + n * HOUR) },
        ...{ subject: ids[from], data: { into: ids[into] } },
      });
    // Three of them are one, and the fourth is the customer with an address.
    await playLines(merged(0, 1, 5), merged(1, 2, 6), merged(3, 4, 7), asked(30, {}, visitor("v1")));
    expect(await prune(on().runtime, policy, NOW + 30 * DAY + 29 * HOUR)).not.toHaveProperty("customers");
    expect(await prune(on().runtime, policy, NOW + 31 * DAY + 7 * HOUR)).toMatchObject({ customers: 3 });
    expect([await still(), await count("links")]).toEqual([["k@example.org", "v4"], 1]);
    expect(await on().runtime.store.people.counts(ids.slice(0, 3))).toEqual({});
    expect((await on().runtime.store.totals(["shown"])).get("shown")).toBe(1);
  });

  test("a customer inactive for long keeps the latest decision, and pruning twice equals pruning once", async () => {
    await on().play([["2026-06-01T15:00:00Z", "go"]]);
    await prune(on().runtime, policy, years(9));
    expect(await count("decisions")).toBe(1);
    expect(await prune(on().runtime, policy, years(9))).toEqual({});
  });

  test("only one process prunes at a time", async () => {
    const { pruning } = on().runtime.store;
    const turns = await Promise.all(Array.from({ length: 8 }, () => pruning.claimTurn(NOW, HOUR)));
    expect(turns.filter(Boolean)).toHaveLength(1);
    expect(await pruning.claimTurn(NOW + 59 * MINUTE, HOUR)).toBe(false);
    expect(await pruning.claimTurn(NOW + HOUR, HOUR)).toBe(true);
    // B11: the clock was set back.
    expect(await pruning.claimTurn(NOW, HOUR)).toBe(true);
  });

  test("concurrent pruning removes each row once, and no recent ones", async () => {
    await on().play(Array.from({ length: 30 }, (_, n) => [iso(NOW + n * MINUTE), "seen", { subject: `c-${n % 7}` }]));
    const { store } = on().runtime;
    const keep = keepingOf(policy);
    const gone = await Promise.all(
      Array.from({ length: 6 }, () => store.pruning.prune("signals", keep, NOW + 400 * DAY + 10 * MINUTE, 100)),
    );
    expect(gone.reduce((sum, n) => sum + n, 0)).toBe(10);
    expect(await count("signals")).toBe(20);
  });
});
