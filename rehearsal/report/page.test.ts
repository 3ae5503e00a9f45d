import { expect, test } from "vitest";
import { aRehearsal } from "../../testing/rehearsal.ts";
import { reportHtml } from "./page.ts";

const ABOUT = { title: "Northwind", against: "version 1", with: "dealership" };

const sectionsOf = (html: string): string[] => html.split("<section>").slice(1);

test("the same rehearsal gives the same page, self-contained and without scripts", () => {
  const page = reportHtml(aRehearsal(), ABOUT);
  expect(page).toBe(reportHtml(aRehearsal(), ABOUT));
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|\son\w+=/i);
});

test("texts of a workspace are no markup, wherever they stand", () => {
  const hostile = '"><script>alert(1)</script>';
  const result = { ...aRehearsal({ name: hostile, paths: 2 }), value: { refused: [hostile] }, seed: hostile };
  const page = reportHtml(
    { ...result, forward: { ...result.forward, notModelled: [hostile] } },
    { title: hostile, against: hostile, with: hostile },
  );
  expect(page).toContain("&#60;script&#62;");
  expect(page).not.toContain("<script");
  expect(page).not.toContain('"">');
});

test("every part that is simulated is marked so, and the parts that are not are not", () => {
  const backtest = {
    intervals: [{ name: "web.visit", actual: 3, interval: { mean: 3, low: 1, high: 5 }, held: true }],
    held: 1,
    share: 1,
    notForetold: { "shop.<closed>": 3 },
  };
  const sections = sectionsOf(reportHtml({ ...aRehearsal(), backtest }, ABOUT));
  const unmarked = sections.filter((one) => !one.includes("simulated</span></h2>")).map((one) => /<h2>([^<]*)/.exec(one)?.[1]?.trim());
  expect(unmarked).toEqual(["Recorded", "Value from the log", "Not modelled"]);
  expect(sections.length).toBeGreaterThan(10);
  expect(sections.join("")).toContain("nothing was foretold of it: shop.&#60;closed&#62; (3).");
});

test("what only one policy has is listed, and is no part where they have the same", () => {
  const differ = { moments: { against: ["m"], with: [] }, channels: { against: [], with: ["<post>"] } };
  const { policies, ...rest } = aRehearsal();
  const sections = sectionsOf(reportHtml({ ...rest, policies: { ...policies, differ } }, ABOUT));
  const told = sections.filter((one) => one.includes("<h2>What only one policy has"));
  expect(told.map((one) => [...one.matchAll(/<li>([^<]*)/g)].map(([, line]) => line))).toEqual([
    ["only against: moments m", "only with: channels &#60;post&#62;"],
  ]);
  expect(reportHtml(aRehearsal(), ABOUT)).not.toContain("What only one policy has");
});

test("pictures of one day, of nothing at all and of a long play are drawn without numbers that are none", () => {
  for (const given of [{ days: 1, paths: 1 }, { customers: 0 }, { days: 365, paths: 2, customers: 4 }])
    expect(reportHtml(aRehearsal(given), ABOUT)).not.toMatch(/NaN|Infinity|undefined|null/);
});

test("the recorded part has a table of what was done at the wakes, before and after", () => {
  const recorded = sectionsOf(reportHtml(aRehearsal(), ABOUT)).find((one) => one.startsWith("<h2>Recorded"));
  expect(recorded).toMatch(/against \(rows\) and with \(columns\)[\s\S]*<th scope="row">deliver<\/th><td[^>]*>55 \(2 of them otherwise\)/);
});

test("each picture has its numbers in a table", () => {
  const page = reportHtml(aRehearsal(), ABOUT);
  expect([...page.matchAll(/<figure>/g)].length).toBe([...page.matchAll(/<details><summary>the numbers/g)].length);
  expect(page).toContain("Left out more often");
});
