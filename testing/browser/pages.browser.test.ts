import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, type PageOptions } from "./console.ts";

/** The pages that the navigation leads to: their paths below `/console`, and titles. */
async function placesOf(page: Page): Promise<{ readonly to: string; readonly title: string }[]> {
  const all = page.locator("nav[aria-label=Pages] a[href]");
  // Above it there is the name of the workspace; the rest comes with the session.
  await all.nth(1).waitFor();
  const links = await all.all();
  const places = await Promise.all(
    links.map(async (link) => ({ to: (await link.getAttribute("href")) ?? "", title: (await link.textContent()) ?? "" })),
  );
  return places.slice(1).map(({ to, title }) => ({ to: to.replace(/^\/console/, "") || "/", title }));
}

describeInBrowser("every page of the navigation", (on) => {
  const eachPlace = async (
    look: PageOptions,
    check: (page: Page, place: { readonly to: string; readonly title: string }) => Promise<void>,
  ): Promise<void> => {
    const start = await on().open("/decisions", look);
    const places = await placesOf(start);
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) {
      const page = await on().open(place.to, { ...look, context: start.context() });
      await page.locator("[aria-label=Loading]").first().waitFor({ state: "detached" });
      await check(page, place);
      await page.close();
    }
  };

  test("shows a viewer, who gets no texts and addresses, the same pages without an error", () =>
    eachPlace({ role: "viewer" }, async (page, { to }) => {
      expect([to, await page.getByRole("alert").allTextContents()]).toEqual([to, []]);
    }));

  test("is the same after back, forward, reload, and in another tab by its address", async () => {
    const page = await on().open("/decisions?customer=c-dana");
    const rows = page.locator("tbody tr");
    await expect.poll(() => rows.count()).toBeGreaterThan(2);
    const seen = await rows.allInnerTexts();
    await page.goto(`${on().url}/console/decisions?customer=c-wen`);
    await expect.poll(async () => (await rows.allInnerTexts()).join("")).not.toContain("c-dana");
    await page.goBack();
    await expect.poll(() => rows.allInnerTexts()).toEqual(seen);
    await page.goForward();
    await expect.poll(async () => (await rows.allInnerTexts()).join("")).not.toContain("c-dana");
    await page.goBack();
    await page.reload();
    await expect.poll(() => rows.allInnerTexts()).toEqual(seen);
    const copy = await on().open(new URL(page.url()).pathname.replace("/console", "") + new URL(page.url()).search, {
      context: page.context(),
    });
    await expect.poll(() => copy.locator("tbody tr").allInnerTexts()).toEqual(seen);
    expect(await copy.getByRole("textbox", { name: "Customer" }).inputValue()).toBe("c-dana");
  });

  test("a link in a row opens its page by a click or Enter without loading the console again, and in another tab with Control or the middle button", async () => {
    const page = await on().open("/decisions?customer=c-dana");
    await page.evaluate("window.isSame = true");
    const isSame = () => page.evaluate("window.isSame === true");
    const row = page.locator("tbody tr").first();
    const link = row.locator("[data-row-link]");
    const to = new URL((await link.getAttribute("href")) ?? "", page.url()).href;
    for (const options of [{ modifiers: ["ControlOrMeta" as const] }, { button: "middle" as const }]) {
      const opened = page.context().waitForEvent("page");
      await link.click(options);
      await expect.poll(async () => (await opened).url()).toBe(to);
      expect([new URL(page.url()).pathname, await isSame()]).toEqual(["/console/decisions", true]);
    }
    for (const open of [() => link.click(), () => link.press("Enter")]) {
      await open();
      await page.waitForURL(to);
      await page.goBack();
      await link.waitFor();
    }
    await row.getByRole("link", { name: "c-dana" }).click();
    await page.getByRole("navigation", { name: "About this customer" }).waitFor();
    expect([new URL(page.url()).pathname, await isSame()]).toEqual(["/console/customers/c-dana", true]);
  });
});
