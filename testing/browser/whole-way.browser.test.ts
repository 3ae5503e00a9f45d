import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser, keyOf } from "./console.ts";
import { garage } from "./garage.ts";

const folder = garage();
const dialog = (page: Page) => page.getByRole("dialog");

/** What each arriving customer is to get, as who proposes it has said before. */
const GOLDEN = `
name: warm welcome
cases:
  - name: who arrives is welcomed
    customers: [{id: c-1, traits: {firstName: Dana}}]
    signals: [{id: s, type: arrived, time: "2026-05-05T12:00:00Z"}]
    expect: [{at: s, action: deliver, experience: welcome, says: "Warm welcome, Dana"}]
`;

describeInBrowser(
  "the whole way of a change, on a server of its own",
  (on) => {
    const propose = async (): Promise<{ readonly proposalId: string; readonly hash: string }> => {
      const text = readFileSync(join(folder, "experiences", "welcome.yaml"), "utf8").replace("Welcome, {{", "Warm welcome, {{");
      const canary = "canary: {share: 100%, guards: [{outcome: complained, max: 0.5%}]}\n";
      const response = await fetch(`${on().url}/v1/proposals`, {
        method: "POST",
        headers: { authorization: `Bearer ${keyOf("admin")}`, "content-type": "application/json" },
        body: JSON.stringify({
          experience: { file: "welcome.yaml", text: `${text}${canary}` },
          ...{ evals: [{ file: "warm.yaml", text: GOLDEN }], because: "three asked why we are so short" },
        }),
      });
      expect(response.status, await response.clone().text()).toBe(200);
      return (await response.json()) as { proposalId: string; hash: string };
    };

    test("edit, propose, read, approve as somebody else, canary, a guard breaks: it is stopped, and there is a task", async () => {
      const { proposalId, hash } = await propose();
      const author = await on().open(`/proposals/${proposalId}`, { role: "admin" });
      await author.getByText("You have proposed or revised it: another person approves it.").waitFor();
      expect(await author.getByRole("button", { name: "Approve…" }).isDisabled()).toBe(true);

      const page = await on().open("/proposals", { role: "approver" });
      await page.getByRole("link", { name: "welcome" }).click();
      await page.getByText("three asked why we are so short").waitFor();
      await page.getByText("Warm welcome, {{ customer.firstName }}.").first().waitFor();
      await page
        .getByRole("region", { name: "changed: experiences/welcome.yaml" })
        .getByText("removed: ")
        .first()
        .waitFor({ state: "attached" });
      await page.getByText("1 of 1 pass").waitFor();
      await page.getByRole("button", { name: "Approve…" }).click();
      expect(await dialog(page).textContent()).toContain(hash);
      await dialog(page).getByRole("button", { name: "Approve and publish" }).click();
      // Judged once more in a process of its own, which takes long where others are busy.
      await page.getByText(/Published as a canary/).waitFor({ timeout: 300_000 });

      await page.goto(`${on().url}/console/canaries/welcome`);
      await page.getByText("is tried").first().waitFor();
      const customers = Array.from({ length: 8 }, (_, index) => `c-${index}`);
      for (const id of customers) await on().signal("arrived", id, { traits: { firstName: `Dana ${id}` } });
      const given = async () => {
        const { decisions } = await on().ask<{
          decisions: readonly {
            customerId: string;
            deliveries: readonly { deliveryId: string; status: string; content?: { text?: string } }[];
          }[];
        }>("/v1/decisions?limit=100");
        return decisions.flatMap(({ customerId, deliveries }) => deliveries.map((one) => ({ customerId, ...one })));
      };
      await expect.poll(async () => (await given()).filter(({ status }) => status === "sent").length).toBe(customers.length);
      expect((await given())[0]?.content?.text).toMatch(/^Warm welcome, Dana c-/);
      for (const { customerId, deliveryId } of (await given()).slice(0, 5))
        await on().signal("delivery.complained", customerId, { deliveryId });

      // The page follows by itself.
      await page.getByText(/stopped by guards/).waitFor();
      await page.getByText("broken: enough evidence for a stop").first().waitFor();
      await page.goto(`${on().url}/console/tasks`);
      await page
        .getByText(/Welcome was stopped while it was tried: .* complained/)
        .first()
        .waitFor();
      // Who arrives now gets the text that stays.
      await on().signal("arrived", "c-later", { traits: { firstName: "Kim" } });
      await expect
        .poll(async () => (await given()).find(({ customerId }) => customerId === "c-later")?.content?.text)
        .toBe("Welcome, Kim.");
    });
  },
  { workspace: folder, isProcess: true },
);
