import type { BrowserContext, Page } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { describeInBrowser } from "./console.ts";

const SMS = { target: { scope: "channel", name: "sms" }, by: "ann" } as const;
const paused = (page: Page) => page.getByText("Paused: channel sms");
const isLive = (page: Page) => page.getByRole("button", { name: "Live: hold" });
const firstRow = (page: Page) => page.getByRole("table", { name: "Decisions" }).locator("tbody tr").first().textContent();

/** The streams that pages of a browser have opened. */
function streamsOf(context: BrowserContext): string[] {
  const opened: string[] = [];
  context.on("request", (request) => {
    if (request.url().includes("/v1/stream")) opened.push(request.url());
  });
  return opened;
}

/** All requests of a page from now on. */
function requestsOf(page: Page): string[] {
  const seen: string[] = [];
  page.on("request", (request) => seen.push(request.url()));
  return seen;
}

const HIDE = (isHidden: boolean): string =>
  `Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} }); document.dispatchEvent(new Event("visibilitychange")); undefined`;

const COME_BACK = `window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })); undefined`;

describeInBrowser("live", (on) => {
  // A test that fails half-way leaves neither a stopped server nor a pause to the next one.
  afterEach(async () => {
    const resume = () => on().ask("/v1/resume", SMS);
    await resume().catch(async () => {
      await on().start();
      await resume();
    });
  });

  test("six tabs have one stream, all of them follow, and closing the tab that has it hands it over", async () => {
    const context = await on().context();
    await on().signIn(context);
    const streams = streamsOf(context);
    const tabs: Page[] = [];
    for (let n = 0; n < 6; n++) tabs.push(await on().open("/decisions", { context }));
    for (const tab of tabs) await isLive(tab).waitFor();
    expect(streams).toHaveLength(1);
    await on().ask("/v1/pause", SMS);
    for (const tab of tabs) await paused(tab).waitFor();
    await tabs[0]?.close();
    await expect.poll(() => streams.length).toBe(2);
    await on().ask("/v1/resume", SMS);
    for (const tab of tabs.slice(1)) await paused(tab).waitFor({ state: "hidden" });
    expect(streams).toHaveLength(2);
  });

  test("a pause in one browser is a banner in another", async () => {
    const [ann, bob] = [await on().open("/decisions"), await on().open("/decisions", { role: "viewer" })];
    await isLive(bob).waitFor();
    await on().ask("/v1/pause", { ...SMS, note: "a wrong text went out" });
    await paused(bob).waitFor();
    await ann.getByText("a wrong text went out").waitFor();
    await on().ask("/v1/resume", SMS);
    await paused(bob).waitFor({ state: "hidden" });
  });

  test("new decisions move no row: they are counted, and shown when the reader asks", async () => {
    const page = await on().open("/decisions");
    await isLive(page).waitFor();
    const before = await firstRow(page);
    await on().signal("web.visited", "c-dana", { page: "/new" });
    await page.getByRole("button", { name: /^1 newer/ }).waitFor();
    expect(await firstRow(page)).toBe(before);
    await page.keyboard.press(".");
    await page.getByRole("button", { name: /newer/ }).waitFor({ state: "hidden" });
    expect(await firstRow(page)).toContain("c-dana");
  });

  test("a page that is held stays as it is; released, it catches up", async () => {
    const page = await on().open("/decisions");
    await isLive(page).click();
    const asked = requestsOf(page);
    const other = await on().open("/decisions");
    await isLive(other).waitFor();
    await on().ask("/v1/pause", SMS);
    await paused(other).waitFor();
    expect([await paused(page).count(), asked]).toEqual([0, []]);
    await page.getByRole("button", { name: "Held: follow again" }).click();
    await paused(page).waitFor();
    await on().ask("/v1/resume", SMS);
    await paused(page).waitFor({ state: "hidden" });
  });

  test("a server that stops is said, with since when; what was typed stays, and when it is back the page follows again", async () => {
    const page = await on().open("/decisions");
    await isLive(page).waitFor();
    await page.getByRole("textbox", { name: "Customer" }).pressSequentially("c-da");
    on().troubles.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/);
    await on().stop();
    await page.getByText(/Not live since \d/).waitFor();
    await on().start();
    await on().ask("/v1/pause", SMS);
    await page.getByText(/Not live since/).waitFor({ state: "hidden" });
    await paused(page).waitFor();
    expect(await page.getByRole("textbox", { name: "Customer" }).inputValue()).toBe("c-da");
    await on().ask("/v1/resume", SMS);
    await paused(page).waitFor({ state: "hidden" });
  });

  test("an idle page asks for nothing within a minute, one that the browser brings back for everything; a hidden one for nothing, whatever happens, and once when it is seen again", async () => {
    const context = await on().context();
    await on().signIn(context);
    await context.clock.install();
    const page = await on().open("/decisions", { context });
    await isLive(page).waitFor();
    const asked = requestsOf(page);
    await context.clock.runFor(60_000);
    expect(asked.length).toBeLessThanOrEqual(2);
    await page.evaluate(COME_BACK);
    const paths = () => asked.map((url) => new URL(url).pathname);
    await expect.poll(paths).toEqual(expect.arrayContaining(["/v1/decisions", "/v1/pauses"]));
    await page.evaluate(HIDE(true));
    asked.length = 0;
    const other = await on().open("/decisions");
    await isLive(other).waitFor();
    await on().ask("/v1/pause", SMS);
    await paused(other).waitFor();
    await context.clock.runFor(60_000);
    expect(asked).toEqual([]);
    await page.evaluate(HIDE(false));
    await paused(page).waitFor();
    await on().ask("/v1/resume", SMS);
    await context.clock.runFor(5_000);
    await paused(page).waitFor({ state: "hidden" });
    expect(asked.filter((url) => url.endsWith("/v1/pauses")).length).toBeLessThanOrEqual(3);
  });
});
