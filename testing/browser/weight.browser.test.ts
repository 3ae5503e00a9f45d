import type { BrowserContext } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser } from "./console.ts";

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
  test("cold it is usable after 14 requests and 300 KB, warm after 6 and 80 KB, the stream included", async () => {
    const context = await on().context();
    await on().signIn(context);
    const weight = weighing(context);
    const page = await on().open("/decisions", { context });
    await page.locator("tbody tr").first().waitFor();
    await page.getByRole("button", { name: "Live: hold" }).waitFor();
    const cold = { requests: weight.requests.length, bytes: await weight.bytes() };
    expect(weight.requests.filter((url) => url.includes("/v1/stream"))).toHaveLength(1);
    expect(cold.requests, weight.requests.join("\n")).toBeLessThanOrEqual(14);
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
});
