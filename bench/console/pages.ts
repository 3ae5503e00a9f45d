import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { findChromium, NO_BROWSER } from "../../testing/browser/chromium.ts";
import { copyDecisions } from "../../testing/browser/copy-decisions.ts";
import { writeGarage } from "../../testing/browser/garage.ts";
import { type OpenConsole, openConsole } from "../../testing/browser/open-console.ts";
import { buildConsole } from "../../testing/browser/recording.ts";
import { milliseconds, spread } from "../machine.ts";

const TIMES = 7;
const ROWS = 10_000;
/** Of a slow computer or phone. */
const THROTTLED = 4;

/** What a reader waits for in a browser: the first paint, a list that scrolls, a task that comes in. */
export async function benchPages() {
  const title = `console in a browser: medians of ${TIMES}; the processor ${THROTTLED} times slower for paint and scrolling`;
  const browser = findChromium(process.env);
  if (browser === undefined) return { title, rows: [["skipped", NO_BROWSER]] };
  buildConsole();
  const workspace = writeGarage();
  const on = await openConsole(browser, { workspace });
  try {
    await on.signal("traits.updated", "c-1", { traits: { firstName: "Dana" } });
    await on.signal("arrived", "c-1");
    await on.settled();
    const paint = await measured(() => firstPaint(on));
    const task = await measured((n) => signalToTask(on, n));
    await copyDecisions(on, ROWS);
    const scroll = await measured(() => longestTask(on));
    return {
      title,
      rows: [
        ["", "median", "worst", "goal"],
        ["first contentful paint of the decisions, cold", ...paint, "1,200 ms"],
        [`longest task while ${ROWS.toLocaleString("en-US")} rows are scrolled and loaded`, ...scroll, "100 ms"],
        ["from a signal to its task on the open list", ...task, "3,000 ms"],
      ],
    };
  } finally {
    await on.close();
    rmSync(workspace, { recursive: true, force: true });
  }
}

// --- internal ---

async function measured(run: (n: number) => Promise<number>): Promise<string[]> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) times.push(await run(n));
  const { median, most } = spread(times);
  return [milliseconds(median), milliseconds(most)];
}

/** A page in a browser without anything cached, on a slow processor. */
async function slowPage(on: OpenConsole): Promise<Page> {
  const context = await on.context();
  await on.signIn(context);
  const page = await context.newPage();
  await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: THROTTLED });
  return page;
}

async function firstPaint(on: OpenConsole): Promise<number> {
  const page = await slowPage(on);
  await page.goto(`${on.url}/console/decisions`);
  await page.locator("tbody tr").first().waitFor();
  const at = await page.evaluate<number>(`performance.getEntriesByName("first-contentful-paint")[0].startTime`);
  await on.closePages();
  return at;
}

async function longestTask(on: OpenConsole): Promise<number> {
  const page = await slowPage(on);
  await page.goto(`${on.url}/console/decisions`);
  await page.locator("tbody tr").first().waitFor();
  await page.evaluate(`window.tasks = []; new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask" });`);
  for (let pages = 0; pages < 5; pages++) {
    for (let turn = 0; turn < 10; turn++) {
      await page.mouse.wheel(0, 800);
      await sleep(30);
    }
    const more = page.getByRole("button", { name: "Show more" });
    if (await more.isVisible()) await more.click();
  }
  const longest = await page.evaluate<number>("Math.max(0, ...window.tasks)");
  await on.closePages();
  // Only tasks of at least 50 ms are told.
  return longest;
}

async function signalToTask(on: OpenConsole, n: number): Promise<number> {
  const id = `c-task-${n}`;
  await on.signal("traits.updated", id, { traits: { firstName: `Eve ${n}` } });
  await on.settled();
  const page = await on.open("/tasks", { role: "operator" });
  await page.getByRole("button", { name: "Live: hold" }).waitFor();
  const began = performance.now();
  await on.signal("message.received", id, { channel: "box", text: "The brakes squeal." });
  await page.getByRole("link", { name: `Answer Eve ${n}` }).waitFor();
  const took = performance.now() - began;
  await on.closePages();
  return took;
}
