import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { hostileMails } from "../hostile/mails.ts";
import { OPERATOR_KEY, WRITE_KEY } from "../service.ts";
import { startCanary } from "./canary.ts";
import { type ConsoleUnderTest, describeInBrowser, IS_SHORT } from "./console.ts";

const canary = await startCanary();
afterAll(() => canary.close());

const MAILS = hostileMails(canary.url);

/** One experience a hostile mail: each is a text of an author here, since only our own mail is ever shown so. */
const workspace = mkdtempSync(join(tmpdir(), "sentient-mails-"));
mkdirSync(join(workspace, "experiences"));
writeFileSync(
  join(workspace, "sentient.yaml"),
  `version: 1
name: Hostile mail
timezone: UTC
channels: {email: {kind: smtp, url: "smtp://127.0.0.1:1", from: shop@shop.example}}
governance: {consent: {email: opt_out}}
learning: {explore: none}
moments:
${MAILS.map((_, index) => `  m${index}: {on: go${index}, expires: 1d}`).join("\n")}
`,
);
for (const [index, [, html]] of MAILS.entries())
  writeFileSync(
    join(workspace, `experiences/e${index}.yaml`),
    `id: e${index}\nserves: [m${index}]\nchannels: {email: {subject: Hello, body: ${JSON.stringify(`<p id=before>before</p>${html.replaceAll("\u0000", "")}`)}}}\n`,
  );

interface Decision {
  readonly decisionId: string;
  readonly customerId: string;
  readonly deliveries: readonly { readonly deliveryId: string; readonly content?: object }[];
}

/** How many mails stand on one page: in the short form many, each in a copy of the console's own frame. */
const ON_A_PAGE = IS_SHORT ? 12 : 1;

/** Sends all of them, each to a customer of its own; gives the decision and the delivery of each. */
async function send({ url, settled, ask }: ConsoleUnderTest): Promise<readonly (readonly [decisionId: string, deliveryId: string])[]> {
  const post = async (path: string, key: string, body: string): Promise<void> => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    expect((await fetch(`${url}${path}`, { method: "POST", headers, body })).ok).toBe(true);
  };
  const customers = MAILS.map((_, index) => ({ id: `c-${index}`, identities: [{ type: "email", value: `c-${index}@example.com` }] }));
  await post("/v1/customers", OPERATOR_KEY, customers.map((one) => JSON.stringify(one)).join("\n"));
  const signals = MAILS.map((_, index) => ({
    specversion: "1.0",
    id: `${index}`,
    source: "web",
    type: `go${index}`,
    subject: `c-${index}`,
  }));
  await post("/v1/signals", WRITE_KEY, JSON.stringify(signals));
  await settled();
  const { decisions } = await ask<{ decisions: readonly Decision[] }>("/v1/decisions?limit=1000");
  return MAILS.map(([title], index) => {
    const { decisionId = "", deliveries = [] } = decisions.findLast(({ customerId }) => customerId === `c-${index}`) ?? {};
    expect([title, deliveries.length, deliveries[0]?.content !== undefined]).toEqual([title, 1, true]);
    return [decisionId, deliveries[0]?.deliveryId ?? ""];
  });
}

/** Puts more frames behind the one of the page. */
const copiesOfFrame = (paths: readonly string[]): string => `(() => {
  const own = document.querySelector("iframe");
  for (const path of ${JSON.stringify(paths)}.reverse()) {
    const copy = own.cloneNode();
    copy.src = path;
    own.after(copy);
  }
})()`;

const previewOf = (deliveryId: string): string => `/v1/deliveries/${deliveryId}/preview`;

const CLICK = `(all) => { for (const one of all) one.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true })); }`;

/** Clicks on everything that a mail has, and on some places of its frame. */
async function clickThrough(page: Page, path: string): Promise<void> {
  const frame = page.locator(`iframe[src$="${path}"]`);
  await frame.contentFrame().locator("p").first().waitFor();
  await frame.contentFrame().locator("body *").evaluateAll(CLICK);
  await frame.scrollIntoViewIfNeeded();
  const box = await frame.boundingBox();
  if (box)
    for (const [x, y] of [
      [20, 20],
      [30, 50],
      [60, 80],
    ] as const)
      await page.mouse.click(box.x + x, box.y + y);
}

describeInBrowser(
  "mails that attack, in the sealed frame",
  (on) => {
    test(`${MAILS.length} of them: no request, no connection, nothing run, and clicks lead nowhere`, async () => {
      const sent = await send(on());
      const page = await on().open("/decisions");
      for (let first = 0; first < sent.length; first += ON_A_PAGE) {
        const [[decisionId] = [""], ...others] = sent.slice(first, first + ON_A_PAGE);
        await page.goto(`${on().url}/console/decisions/${decisionId}`);
        await page.locator("iframe").waitFor();
        await page.evaluate(copiesOfFrame(others.map(([, id]) => previewOf(id))));
        const before = page.url();
        for (const [index, [, deliveryId]] of sent.slice(first, first + ON_A_PAGE).entries()) {
          const title = MAILS[first + index]?.[0];
          await clickThrough(page, previewOf(deliveryId));
          const at = page.frames().map((one) => new URL(one.url()).pathname);
          expect([title, page.url(), at.length]).toEqual([title, before, 2 + others.length]);
          expect([title, at]).toEqual([title, expect.arrayContaining([previewOf(deliveryId)])]);
          expect([title, await page.evaluate("typeof window.touched")]).toEqual([title, "undefined"]);
          expect([title, canary.requests, canary.connections()]).toEqual([title, [], 0]);
        }
        const at = page.frames().map((one) => new URL(one.url()).pathname);
        expect(at).toEqual(expect.arrayContaining(sent.slice(first, first + ON_A_PAGE).map(([, id]) => previewOf(id))));
      }
    });
  },
  { workspace },
);
