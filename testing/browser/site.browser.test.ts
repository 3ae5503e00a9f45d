import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../service.ts";
import { axe } from "./axe.ts";
import { findChromium, NO_BROWSER } from "./chromium.ts";
import { openSite, type Site } from "./site.ts";

const executable = findChromium(process.env);

describe.skipIf(executable === undefined)(`the boutique's page${executable === undefined ? `: ${NO_BROWSER}` : ""}`, () => {
  let site: Site;
  let browser: Browser;
  beforeAll(async () => {
    site = await openSite();
    browser = await chromium.launch({ executablePath: executable as string, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  const reported = async () =>
    (
      await site.rows<{ type: string; experience: string }>(
        "select s.type, d.experience_id as experience from signals s join deliveries d on d.delivery_id = s.event->'data'->>'deliveryId' where s.type like 'delivery.%' order by 1, 2",
      )
    ).map(({ type, experience }) => `${type} ${experience}`);

  test("from another origin it asks for its hero and its banner, and reports what is seen, clicked and put away", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const wrong: string[] = [];
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    await page.goto(site.pageUrl);
    await page.getByRole("heading", { level: 1, name: "Light coats for late frosts" }).waitFor();
    await page.getByText("the market is open until nine").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: "See the coats" }).click();
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByText("the market is open until nine").waitFor({ state: "hidden" });
    const all = ["clicked site-season", "dismissed site-market", "opened site-market", "opened site-season"].map(
      (one) => `delivery.${one}`,
    );
    await until(async () => (await reported()).length === all.length);
    expect([await reported(), wrong]).toEqual([all, []]);
    expect(await site.rows("select type from identities")).toEqual([{ type: "anonymous_id" }]);
  });

  test("without an answer the page stays as it is", async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await page.goto(site.pageUrl.replace("key=", "key=not-"));
    await page.locator("html[data-asked]").waitFor();
    await page.getByRole("heading", { level: 1, name: "Coats, bread and running shoes" }).waitFor();
    expect(await page.locator("#banner").isVisible()).toBe(false);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
});
