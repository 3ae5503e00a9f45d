import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hostileMails } from "../hostile/mails.ts";
import { startCanary } from "./canary.ts";
import { describeInBrowser } from "./console.ts";

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

describeInBrowser(
  "mails that attack, in the sealed frame",
  (on) => {
    test(`${MAILS.length} of them: no request, no connection, nothing run, and clicks lead nowhere`, async () => {
      const record = { id: "ann", identities: [{ type: "email", value: "ann@example.com" }] };
      const { url, signal, settled, ask } = on();
      for (const [index] of MAILS.entries()) {
        const customer = `c-${index}`;
        await fetch(`${url}/v1/customers`, {
          ...{ method: "POST", headers: { authorization: "Bearer operator-key-of-a-test", "content-type": "application/json" } },
          body: JSON.stringify({ ...record, id: customer, identities: [{ type: "email", value: `${customer}@example.com` }] }),
        });
        await signal(`go${index}`, customer);
      }
      await settled();
      const page = await on().open("/decisions");
      for (const [index, [title]] of MAILS.entries()) {
        const { decisions } = await ask<{
          decisions: readonly { decisionId: string; deliveries: readonly { deliveryId: string; content?: object }[] }[];
        }>(`/v1/decisions?customer=c-${index}`);
        const { decisionId = "", deliveries = [] } = decisions.at(-1) ?? {};
        expect([title, deliveries.length, deliveries[0]?.content !== undefined]).toEqual([title, 1, true]);
        await page.goto(`${url}/console/decisions/${decisionId}`);
        const frame = page.frameLocator("iframe");
        await frame.locator("p").first().waitFor();
        const before = page.url();
        const sealed = page.frames().find((one) => one.url().endsWith("/preview"));
        expect([title, sealed !== undefined]).toEqual([title, true]);
        for (const element of (await frame.locator("body *").all()).slice(0, 12)) await element.dispatchEvent("click").catch(() => {});
        const box = await page.locator("iframe").boundingBox();
        if (box)
          for (const [x, y] of [
            [20, 20],
            [30, 50],
            [60, 80],
          ] as const)
            await page.mouse.click(box.x + x, box.y + y);
        expect([title, page.url(), page.frames().length, sealed?.url().endsWith("/preview")]).toEqual([title, before, 2, true]);
        expect([title, await page.evaluate("typeof window.touched")]).toEqual([title, "undefined"]);
        expect([title, canary.requests, canary.connections()]).toEqual([title, [], 0]);
      }
    });
  },
  { workspace },
);
