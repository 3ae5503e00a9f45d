import type { BrowserContext } from "playwright-core";
import { expect, test } from "vitest";
import { until } from "../service.ts";
import { describeInBrowser, IS_SHORT } from "./console.ts";

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

describeInBrowser("the weight of a page", (on) => {
  test("cold it is usable after 12 requests and 300 KB, warm after 6 and 80 KB, the stream included", async () => {
    const context = await on().context();
    await on().signIn(context);
    const weight = weighing(context);
    const page = await on().open("/decisions", { context });
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Live: hold" }).waitFor();
    const cold = { requests: weight.requests.length, bytes: await weight.bytes() };
    expect(weight.requests.filter((url) => url.includes("/v1/stream"))).toHaveLength(1);
    expect(cold.requests, weight.requests.join("\n")).toBeLessThanOrEqual(12);
    expect(cold.bytes).toBeLessThanOrEqual(300_000);
    await page.close();
    weight.requests.length = 0;
    const again = await on().open("/decisions", { context });
    await again.locator("tbody tr").first().waitFor();
    await again.getByRole("button", { name: "Live: hold" }).waitFor();
    // Scripts and styles come from the browser's cache, without a request that leaves it.
    const asked = weight.requests.filter((url) => !url.includes("/console/assets/"));
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(6);
    expect(await weight.bytes()).toBeLessThanOrEqual(80_000);
  });

  test.skipIf(IS_SHORT)("after ten thousand rows were scrolled, the document has at most 3,000 nodes", async () => {
    await on().settled();
    await on().service.store.database.pool.query(
      `insert into decisions (decision_id, run_id, customer_id, decided_at, action, experience_id, channel, record)
       select 'copy-' || n, run_id, customer_id, decided_at + n * interval '1 second', action, experience_id, channel,
              (record::jsonb || jsonb_build_object('decisionId', 'copy-' || n, 'decidedAt', to_char(decided_at + n * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))::json
         from (select * from decisions order by seq desc limit 1) latest, generate_series(1, 10000) n order by n`,
    );
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
