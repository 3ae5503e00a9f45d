import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { until } from "../service.ts";
import { type ConsoleUnderTest, describeInBrowser, IS_SHORT } from "./console.ts";
import { copyDecisions } from "./copy-decisions.ts";

/** Requests that a browser sends from now on, and the bytes that come back for those that have an end. */
function weighing(context: BrowserContext) {
  const requests: string[] = [];
  const sizes: Promise<number>[] = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("requestfinished", (request) => {
    sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize));
  });
  return {
    requests,
    bytes: async (): Promise<number> => (await Promise.all(sizes.splice(0))).reduce((sum, size) => sum + size, 0),
  };
}

/** Counts the formats of `Intl` that the page makes: making one costs a hundred times what using one does. */
const COUNT_FORMATS = `
  window.formats = 0;
  for (const name of ["DateTimeFormat", "NumberFormat", "ListFormat"]) {
    const made = () => { window.formats += 1; };
    Intl[name] = new Proxy(Intl[name], {
      construct: (of, words) => { made(); return new of(...words); },
      apply: (of, _, words) => { made(); return of(...words); },
    });
  }`;

/** The rows in the document, which are known from now on, and what is changed within them. */
const KNOW_ROWS = `(() => {
  window.changed = 0;
  window.known = new Map([...document.querySelectorAll("tbody tr[data-index]")].map((row) => [row.dataset.index, row]));
  const isKnown = (node) => [...window.known.values()].some((row) => row.contains(node));
  window.watch?.disconnect();
  window.watch = new MutationObserver((all) => { window.changed += all.filter(({ target }) => isKnown(target)).length; });
  window.watch.observe(document.querySelector("tbody"), { subtree: true, childList: true, attributes: true, characterData: true });
  window.formats = 0;
  window.lastTop = [...window.known.values()].at(-1).getBoundingClientRect().top;
})()`;

/** Shows a page more at the end of a list, and returns what that did to the rows before it. Half a pixel is the border that two cells share. */
async function showMore(page: Page, before: number) {
  const more = page.getByRole("button", { name: "Show more" });
  await more.waitFor();
  await more.scrollIntoViewIfNeeded();
  await page.locator(`tbody tr[data-index="${before - 1}"]`).waitFor();
  await more.scrollIntoViewIfNeeded();
  await page.evaluate(KNOW_ROWS);
  await more.click();
  await page.locator(`tbody tr[data-index="${before}"]`).waitFor();
  return page.evaluate<{ formats: number; changed: number; isSame: boolean; moved: number }>(`(() => {
    const last = document.querySelector('tbody tr[data-index="${before - 1}"]');
    return { formats, changed, isSame: last === known.get("${before - 1}"), moved: Math.trunc(last.getBoundingClientRect().top - lastTop) + 0 };
  })()`);
}

/**
 * Opens the decisions, and weighs that. A page whose stream opens late, as on a busy machine, reads again what it read before: such an
 * opening is not weighed.
 */
async function weighedPage(on: ConsoleUnderTest, contextOf: () => Promise<BrowserContext>, tries = 5) {
  const context = await contextOf();
  const weight = weighing(context);
  const page = await on.open("/decisions", { context });
  await page.locator("tbody tr").first().waitFor();
  await page.getByRole("button", { name: "Live: hold" }).waitFor();
  const reads = weight.requests.filter((url) => url.includes("/v1/"));
  const wasLate = new Set(reads).size < reads.length;
  if (!wasLate || tries === 1) return { context, page, weight };
  await page.close();
  return weighedPage(on, contextOf, tries - 1);
}

async function signedIn(on: ConsoleUnderTest): Promise<BrowserContext> {
  const context = await on.context();
  await on.signIn(context);
  return context;
}

describeInBrowser("the weight of a page", (on) => {
  test("cold it is usable after 12 requests and 300 KB, warm after 6 and 80 KB, the stream included", async () => {
    const { context, page, weight } = await weighedPage(on(), () => signedIn(on()));
    expect(weight.requests.filter((url) => url.includes("/v1/stream"))).toHaveLength(1);
    expect(weight.requests.length, weight.requests.join("\n")).toBeLessThanOrEqual(12);
    expect(await weight.bytes()).toBeLessThanOrEqual(300_000);
    await page.close();
    const { weight: again } = await weighedPage(on(), async () => context);
    // Scripts and styles come from the browser's cache, without a request that leaves it.
    const asked = again.requests.filter((url) => !url.includes("/console/assets/"));
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(6);
    expect(await again.bytes()).toBeLessThanOrEqual(80_000);
  });

  test("a page more of a list changes nothing in the rows before it, moves none, and makes no format", async () => {
    await on().settled();
    await copyDecisions(on(), 400, "more");
    const context = await on().context();
    await on().signIn(context);
    await context.addInitScript(COUNT_FORMATS);
    const page = await on().open("/decisions", { context });
    const untouched = { formats: 0, changed: 0, isSame: true, moved: 0 };
    // From here on only the rows near the window are in the document.
    expect(await showMore(page, 100)).toEqual(untouched);
    expect(await showMore(page, 200)).toEqual(untouched);
  });

  test.skipIf(IS_SHORT)("after ten thousand rows were scrolled, the document has at most 3,000 nodes", async () => {
    await on().settled();
    await copyDecisions(on(), 10_000);
    const page = await on().open("/decisions", {});
    await page.evaluate(`localStorage.setItem("sentient.console", JSON.stringify({ rows: 200 }))`);
    await page.reload();
    const nodes = () => page.evaluate(`document.querySelectorAll("*").length`);
    const bottom = () => page.evaluate("window.scrollTo(0, document.body.scrollHeight)");
    const scrolledTo = (index: number) =>
      until(async () => {
        await bottom();
        return page.locator(`tbody tr[data-index="${index}"]`).isVisible();
      });
    for (let rows = 200; rows < 10_000; rows += 200) {
      await scrolledTo(rows - 1);
      await page.getByRole("button", { name: "Show more" }).click();
    }
    await scrolledTo(9_999);
    expect(await nodes()).toBeLessThanOrEqual(3_000);
    await page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)");
    await page.locator(`tbody tr[data-index^="49"], tbody tr[data-index^="50"]`).first().waitFor();
    expect(await nodes()).toBeLessThanOrEqual(3_000);
  });
});
