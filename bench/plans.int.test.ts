import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { openTestService, type TestService } from "../testing/service.ts";
import { watchPglite } from "./load/statement-times.ts";

const POLICY = policyOf(
  `
timezone: UTC
departments: [sales]
channels: {log: {kind: file, address: none}}
moments: {wants: {on: go, expires: 1h}}
governance: {review: 1h, caps: []}
`,
  ["id: plain\nserves: [wants]\nsuccess: {signal: bought, within: 1h}\nchannels: {log: {text: Hello}}"],
);

/** Tables that grow with every signal. A decision never reads their closed rows. */
const GROWING = ["customers", "signals", "moments", "touches", "runs", "decisions", "deliveries", "timers"];

/** Partial indexes without closed rows, which recovery scans from the beginning. */
const PARTIAL_INDEXES = ["deliveries_unsettled", "deliveries_unsettled_of_customer", "deliveries_with_promises", "timers_due"];

interface PlanNode {
  readonly "Node Type": string;
  readonly Alias?: string;
  readonly Filter?: string;
  readonly "Join Filter"?: string;
  readonly "Hash Cond"?: string;
  readonly "Merge Cond"?: string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Recheck Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}

let on: TestService;
/** Statements of deciding forty signals and sending their messages, with parameters. */
let texts: readonly string[] = [];
beforeAll(async () => {
  const seen = watchPglite(PGlite);
  on = await openTestService(POLICY, { remove: async () => {} });
  for (let n = 0; n < 40; n++) await on.signal("go", `c-${n}`);
  await on.settled();
  // What a job reads and claims where another process runs it, or where it is tried again.
  await on.service.store.deliveries.open(["of-another-process"]);
  await on.service.store.deliveries.claim(["of-another-process"], "mine", 0);
  const planned = [...seen.keys()].flatMap((key) => (key.startsWith("plan: ") ? [key.slice("plan: ".length)] : []));
  texts = planned.filter((text) => text.includes("$1"));
});
afterAll(() => on?.close());

/** Conditions of a plan's nodes. */
const conditionsOf = (node: PlanNode): string[] => [
  ...[node["Index Cond"], node["Recheck Cond"], node.Filter, node["Join Filter"], node["Hash Cond"], node["Merge Cond"]].filter(
    (condition) => condition !== undefined,
  ),
  ...(node.Plans ?? []).flatMap(conditionsOf),
];

/** Reads of decision 51 that name no customer: what looks for work over all customers, and what is unique across them. */
const ACROSS: readonly string[] = [
  // By their nature: what a start looks for, whose turn it is over all, how many wait, repetitions, who is who.
  "deliveries: update deliveries set status = 'uncertain'",
  "deliveries: select delivery_id, customer_id, keeps, makes, to_ms(settled_at) as at from deliveries where promise",
  "inbox: with others as materialized (",
  "timers: with others as materialized (",
  "inbox: select count(*)::float8 as n from",
  "signals: with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(source text, id text))",
  "known_signals: with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(source text, id text))",
  "inbox: with x as materialized (select * from jsonb_to_recordset($1::jsonb) as x(source text, id text))",
  "links: select c.customer_id, k.root_id,",
  "links: with judged as materialized (",
  "links: with left_inbox as (",
  // Not yet: rows by ids that were found under the customer, and what a job names by the id of its delivery.
  "deliveries: select c.customer_id, k.root_id,",
  "outcomes: select c.customer_id, k.root_id,",
  "offers: select c.customer_id, k.root_id,",
  "deliveries: with judged as materialized (",
  "deliveries: with held as materialized (",
];

/** What processes look for once in a while over all customers: in a slow run it is among the statements. */
const NOW_AND_THEN: readonly string[] = [
  // A delivery that this process has not just reserved is opened by the id that its job names.
  "deliveries: select d.delivery_id, d.decision_id,",
  "decisions: select d.delivery_id, d.decision_id,",
  "tool_calls: select d.delivery_id, d.decision_id,",
  "deliveries: select d.delivery_id, d.channel, d.experience_id,",
  "deliveries: with wanted as materialized (",
  "tool_calls: update tool_calls t set status",
  "inbox: select",
];

/** Tables of a plan, of those with a customer's own rows, that are read without a condition on the customer. */
function readAcrossCustomers(plan: PlanNode, own: ReadonlySet<string>): string[] {
  const all = conditionsOf(plan);
  const visit = (node: PlanNode): string[] => {
    const { "Relation Name": table = "", Alias: alias = table, Plans = [] } = node;
    const isRead = own.has(table) && node["Node Type"].endsWith("Scan");
    const isNamed = conditionsOf({ ...node, Plans: [] }).some((condition) => /\bcustomer_id = |= (\w+\.)?customer_id\b/.test(condition));
    const isJoined = all.some(
      (condition) => condition.includes(`(${alias}.customer_id = `) || condition.includes(` = ${alias}.customer_id)`),
    );
    return [...(isRead && !isNamed && !isJoined ? [table] : []), ...Plans.flatMap(visit)];
  };
  return visit(plan);
}

/** Full scans and bitmap scans of growing tables in a plan. */
function costlyReads(node: PlanNode): string[] {
  const { "Node Type": type, "Relation Name": table = "", "Index Name": index = "", Plans = [] } = node;
  const isScan = GROWING.includes(table) && type.endsWith("Scan");
  const isWhole = isScan && !PARTIAL_INDEXES.includes(index) && !node["Index Cond"] && !node["Recheck Cond"];
  return [
    ...(isWhole ? [`all of ${table} by ${index || "nothing"}`] : []),
    ...(isScan && type.startsWith("Bitmap") ? [`a bitmap of ${table}`] : []),
    ...Plans.flatMap(costlyReads),
  ];
}

async function readsOf(texts: readonly string[], look: (plan: PlanNode) => readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const text of texts) {
    const plans = await on.rows<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(`explain (generic_plan, format json) ${text}`);
    const reads = plans.flatMap((row) => row["QUERY PLAN"]).flatMap(({ Plan }) => look(Plan));
    found.push(...reads.map((read) => `${read}: ${text.replaceAll(/\s+/g, " ").trim().slice(0, 100)}`));
  }
  return found;
}

// A plan is made once, while the tables are empty, and cached while they grow.
test("no statement for deciding a signal and sending its message uses a full scan or a bitmap scan of a growing table", async () => {
  expect(texts.length).toBeGreaterThan(15);
  expect(await readsOf(texts, costlyReads)).toEqual([]);
  // The same with statistics gathered at forty rows.
  await on.service.store.database.pool.query("vacuum (analyze)");
  expect(await readsOf(texts, costlyReads)).toEqual([]);
});

test("each of these statements names the customers of the rows that it reads, but those of decision 51", async () => {
  const sql =
    "select table_name as name from information_schema.columns where table_schema = current_schema() and column_name = 'customer_id'";
  const own = new Set((await on.rows<{ name: string }>(sql)).map(({ name }) => name));
  expect(own.size).toBeGreaterThan(25);
  const across = await readsOf(texts, (plan) => readAcrossCustomers(plan, own));
  expect(across.filter((read) => ![...ACROSS, ...NOW_AND_THEN].some((known) => read.startsWith(known)))).toEqual([]);
  // What has come to name its customers is taken off the list.
  expect(ACROSS.filter((known) => !across.some((read) => read.startsWith(known)))).toEqual([]);
});
