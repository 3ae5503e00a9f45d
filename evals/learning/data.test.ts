import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { numberIn, readCsv, textOf } from "./csv.ts";
import { readMailings } from "./hillstrom-data.ts";
import { readCampaigns } from "./obd-data.ts";

const dir = mkdtempSync(join(tmpdir(), "learning-"));
afterAll(() => rmSync(dir, { recursive: true }));

const HEAD = "row_id,recency,history_segment,history,mens,womens,zip_code,newbie,channel,segment,visit,conversion,spend";
const CUSTOMER = '7,10,"6) $750 - $1,000",812.5,1,0,Urban,1,Web,Mens E-Mail,1,0,0';

function mailingsOf(...lines: readonly string[]) {
  const file = join(dir, "mailings.csv");
  writeFileSync(file, [HEAD, ...lines, ""].join("\n"));
  return readMailings(file);
}

test.each<[string, string, Record<string, string>[]]>([
  ["plain cells", "a,b\n1,2\n", [{ a: "1", b: "2" }]],
  ["quotes around commas and quotes", 'a,b\n"1,5","say ""hi"""', [{ a: "1,5", b: 'say "hi"' }]],
  ["empty cells, the last one too", 'a,b,c\n,"",\n', [{ a: "", b: "", c: "" }]],
  [
    "a byte order mark, carriage returns and blank lines",
    "\uFEFFa,b\r\n1,2\r\n\r\n3,4",
    [
      { a: "1", b: "2" },
      { a: "3", b: "4" },
    ],
  ],
])("reads %s", (_, text, wanted) => {
  expect(readCsv(text, "f.csv", ["a"]).map(({ cells }) => Object.fromEntries(cells))).toEqual(wanted);
});

test.each([
  ["a column that is missing", "a,b\n1,2", /f\.csv: the first line has no column c/],
  ["a line with other cells", "a,c\n1,2\n1,2,3", /f\.csv:3: 3 cells, the first line names 2/],
  ["a quote that is not closed", 'a,c\n"1,2', /f\.csv:2: a quote is not closed/],
  ["nothing under the first line", "a,c\n", /f\.csv: no rows/],
])("rejects %s", (_, text, why) => {
  expect(() => readCsv(text, "f.csv", ["c"])).toThrow(why);
});

test.each(["", "x", "-1", "11"])("a number out of bounds is reported with its line: %j", (cell) => {
  const [row] = readCsv(`a,b\n${cell},1`, "f.csv", ["a"]);
  expect(() => row && numberIn(row, "a", "f.csv", { min: 0, max: 10 })).toThrow(/f\.csv:2: a is .*, expected a number from 0 to 10/);
});

test("a missing file is reported", () => {
  expect(() => textOf(join(dir, "none.csv"))).toThrow(/cannot read .*none\.csv: ENOENT/);
});

test("a customer of the e-mail test is its arm, its visit and what was bought before", () => {
  const [mailing] = mailingsOf(CUSTOMER);
  expect(mailing).toMatchObject({ arm: "Mens E-Mail", visited: 1, boughtMens: true, boughtWomens: false });
  expect(mailing?.features).toHaveLength(7);
});

test("an invalid arm is reported with its line", () => {
  expect(() => mailingsOf(CUSTOMER, CUSTOMER.replace("Mens E-Mail", "Fax"))).toThrow(/:3: segment is "Fax", expected Mens E-Mail/);
});

test("Thompson sampling shows the best item by its draws at each position, and its probabilities sum to 1", () => {
  const head = ",timestamp,item_id,position,click,propensity_score,user_feature_0,user_feature_1,user_feature_2,user_feature_3";
  const files = {
    "prior_bts.yaml": "men: {alpha: [500, 50, 5, 5], beta: [500, 950, 995, 995]}",
    "random/men/men.csv": `${head}\n0,now,2,1,0,0.25,a,b,c,d\n`,
    "bts/men/men.csv": `${head}\n0,now,0,3,1,0.9,a,b,c,d\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(dir, "obd", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const [campaign] = readCampaigns(join(dir, "obd"));
  const chance = (position: number, item: string) => campaign?.byPosition.get(position)?.get(item);

  expect(campaign).toMatchObject({
    name: "men",
    random: [{ action: "2", probability: 0.25, reward: 0 }],
    bts: [{ position: 3, reward: 1 }],
  });
  expect(chance(1, "0")).toBeCloseTo(1, 6);
  expect(chance(2, "1")).toBeCloseTo(1, 3);
  // The last two are equal.
  expect(chance(3, "2")).toBeCloseTo(0.5, 1);
  for (const position of [1, 2, 3]) {
    const sum = [...(campaign?.byPosition.get(position)?.values() ?? [])].reduce((total, one) => total + one, 0);
    expect(sum).toBeCloseTo(1, 6);
  }
});

test("without the dataset there are no campaigns", () => {
  expect(readCampaigns(join(dir, "nowhere"))).toEqual([]);
});
