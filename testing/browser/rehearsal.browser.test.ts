import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeInBrowser } from "./console.ts";
import { garage } from "./garage.ts";

const dialog = (page: Page) => page.getByRole("dialog");

/** Starts a rehearsal by the form. */
async function start(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  await page.goto(new URL("/console/rehearsals", page.url()).href);
  await page.getByRole("button", { name: "Rehearse…" }).click();
  for (const [label, text] of Object.entries(fields)) await dialog(page).getByLabel(label).fill(text);
  await dialog(page).getByRole("button", { name: "Start it" }).click();
}

describeInBrowser(
  "a rehearsal on a server of its own",
  (on) => {
    test("is started, followed, opened down to a decision; another one is cancelled, and what is refused stands at its field", async () => {
      for (const id of ["c-1", "c-2"]) await on().signal("arrived", id, { traits: { firstName: "Dana" } });
      const decided = async () => (await on().ask<{ decisions: readonly unknown[] }>("/v1/decisions")).decisions.length;
      await expect.poll(decided).toBe(2);
      const page = await on().open("/rehearsals", { role: "analyst" });
      on().troubles.allow(/^console Failed to load resource: .* 400/);
      await start(page, { Days: "0" });
      await dialog(page).getByText("expected at least 1").waitFor();
      expect(await dialog(page).getByLabel("Days").getAttribute("aria-invalid")).toBe("true");
      await dialog(page).getByLabel("Days").fill("7");
      await dialog(page).getByLabel("Futures (paths)").fill("2");
      await dialog(page).getByLabel("Also foretell the last part").fill("130%");
      await dialog(page).getByRole("button", { name: "Start it" }).click();
      await dialog(page).getByText("expected a share above 0 and below 1").waitFor();
      expect(await dialog(page).getByLabel("Also foretell the last part").getAttribute("aria-invalid")).toBe("true");
      await dialog(page).getByLabel("Also foretell the last part").fill("30%");
      await dialog(page).getByLabel("Results by field").fill("firstName");
      await dialog(page).getByRole("button", { name: "Start it" }).click();
      await page.getByRole("heading", { name: /^Rehearsal of version / }).waitFor();
      const done = page.url();

      await start(page, { Seed: "another" });
      await page.getByText(/is being played|waits for another one/).waitFor();
      await page.getByRole("button", { name: "Cancel…" }).click();
      await dialog(page).getByRole("button", { name: "Cancel it" }).click();
      await page.getByText("It was cancelled before it was done.").waitFor();

      await page.goto(done);
      // Played in a process of its own, which takes long where others are busy; the page follows by itself.
      await page.getByText("Both would do the same.").waitFor({ timeout: 300_000 });
      const recorded = page.getByRole("region", { name: "On the recorded stream" });
      await recorded.getByRole("link", { name: /sent before, sent after$/ }).click();
      await page.getByRole("heading", { name: "Sent before, sent after" }).waitFor();
      await page.getByRole("link", { name: "the decision" }).first().click();
      await page.waitForURL(/\/decisions\/[^/]+$/);
      await page.goto(done);
      const simulated = page.getByRole("region", { name: "What it would do" });
      await simulated.getByRole("link", { name: /customers who get nothing, with$/ }).click();
      await page.getByRole("heading", { name: "Customers who get nothing" }).waitFor();
      await page.getByRole("table", { name: "Decisions" }).getByText("simulated").first().waitFor();
      await page.goto(done);
      await page
        .getByRole("region", { name: "Backtest" })
        .getByText(/intervals? holds?/)
        .waitFor();
      await page.getByText("the last 30 % of the record").waitFor();
      const group = page.getByRole("region", { name: "By firstName" });
      await group.getByRole("link", { name: /customers who get nothing, with$/ }).click();
      await page.getByRole("heading", { name: /^Customers who get nothing: / }).waitFor();
      await page.getByRole("table", { name: "Decisions" }).getByText("simulated").first().waitFor();
    });
  },
  { workspace: garage(), isProcess: true },
);
