import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { DAY } from "../../domain/values/time.ts";
import { WEEK } from "../../rehearsal/arrivals.ts";
import { readPurchases } from "./purchases.ts";
import { judgePopulation, judgePurchases, resultLines } from "./report.ts";
import { wholeHistoryLines } from "./whole-history.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-arrivals-"));
afterAll(() => rmSync(dir, { recursive: true }));

function fileOf(...lines: readonly string[]): string {
  const file = join(dir, "purchases.csv");
  writeFileSync(file, `customer_id,date\n${lines.join("\n")}\n`);
  return file;
}

test("customers who leave are foretold; a change is seen to fail, as it is required to", () => {
  const small = { paths: 20, customers: 150 };
  const [leaving, change] = [judgePopulation("leaving", small), judgePopulation("change", small)];
  expect([leaving.result.held >= 0.8, change.result.held < 0.8]).toEqual([true, true]);
  const lines = resultLines([leaving, change]);
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/^\| change: three times as much from the split on \| 150 \| \d+ \| \d+ \| \d+ to \d+ \| \d+ % \| /);
});

test("a whole history is told type by type and kind by kind, and what does not hold", () => {
  const interval = { mean: 9.6, low: 7, high: 12 };
  const intervals = [
    { of: "signal" as const, name: "visited", came: 10, held: true, ...interval },
    { of: "outcome" as const, name: "opened", came: 20, held: false, ...interval },
  ];
  const result = { split: 0, customers: 1, population: 1, intervals, held: 1, share: 0.5, notForetold: {} };
  expect(wholeHistoryLines({ result, requirements: [{ words: "most hold", holds: false }] })).toEqual([
    "| a whole history | came | foretold | 90 of 100 plays | holds |",
    "| --- | --- | --- | --- | --- |",
    "| signal: visited | 10 | 10 | 7 to 12 | yes |",
    "| outcome: opened | 20 | 10 | 7 to 12 | **no** |",
    ...["", "not held: a whole history: most hold"],
  ]);
});

test("purchases are read by customer, several of a day as one; a requirement that fails is told", () => {
  const purchases = readPurchases(fileOf("1,19970101", "1,19970101", "1,19970301", "2,19970201", "2,19980101"));
  const begin = Date.UTC(1997, 0, 1);
  expect(purchases).toEqual({
    histories: [
      { customerId: "1", times: [begin, begin + 59 * DAY] },
      { customerId: "2", times: [begin + 31 * DAY, begin + 365 * DAY] },
    ],
    ...{ from: begin, split: begin + 39 * WEEK, until: begin + 78 * WEEK },
  });
  expect(resultLines([judgePurchases(purchases, { paths: 20 })]).at(-1)).toMatch(/^not held: purchases: /);
});

test.each(["19970230", "1997-01-01", ""])("a date such as %j is told with its line", (date) => {
  const file = fileOf("1,19970101", `2,${date}`);
  expect(() => readPurchases(file)).toThrow(`${file}:3: date is ${JSON.stringify(date)}, expected YYYYMMDD`);
});
