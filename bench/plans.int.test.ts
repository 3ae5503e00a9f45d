import { PGlite } from "@electric-sql/pglite";
import { afterEach, expect, test } from "vitest";
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
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Recheck Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}

let on: TestService | undefined;
afterEach(() => on?.close());

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

async function costlyReadsOf(texts: readonly string[], { rows }: TestService): Promise<string[]> {
  const found: string[] = [];
  for (const text of texts) {
    const plans = await rows<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(`explain (generic_plan, format json) ${text}`);
    const reads = plans.flatMap((row) => row["QUERY PLAN"]).flatMap(({ Plan }) => costlyReads(Plan));
    found.push(...reads.map((read) => `${read}: ${text.replaceAll(/\s+/g, " ").trim().slice(0, 100)}`));
  }
  return found;
}

// A plan is made once, while the tables are empty, and cached while they grow.
test("no statement for deciding a signal and sending its message uses a full scan or a bitmap scan of a growing table", async () => {
  const seen = watchPglite(PGlite);
  on = await openTestService(POLICY, { remove: async () => {} });
  for (let n = 0; n < 40; n++) await on.signal("go", `c-${n}`);
  await on.settled();
  const planned = [...seen.keys()].flatMap((key) => (key.startsWith("plan: ") ? [key.slice("plan: ".length)] : []));
  // Statements of a decision have parameters.
  const texts = planned.filter((text) => text.includes("$1"));
  expect(texts.length).toBeGreaterThan(15);
  expect(await costlyReadsOf(texts, on)).toEqual([]);
  // The same with statistics gathered at forty rows.
  await on.service.store.database.pool.query("vacuum (analyze)");
  expect(await costlyReadsOf(texts, on)).toEqual([]);
});
