import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { axe } from "./axe.ts";
import { describeInBrowser, testOnEachLook } from "./console.ts";

const QUESTION = "/why?customer=c-dana&experience=upgrade-discount";

const loaded = (page: Page) => page.locator("[aria-label=Loading]").first().waitFor({ state: "detached" });

/** Takes a screenshot of the page, where `SHOTS` names a folder. */
async function shoot(page: Page, name: string): Promise<void> {
  const { SHOTS } = process.env;
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describeInBrowser("a marketer: why did Dana not get my mail?", (on) => {
  testOnEachLook("one sentence, the stage, the rival, what would change it, whom to ask", async (look) => {
    const page = await on().open(QUESTION, look);
    await loaded(page);
    const main = page.getByRole("main");
    await expect.poll(() => page.getByText(/^upgrade-discount did not go to c-dana: on 10 September 2026/).count()).toBeGreaterThan(0);
    for (const text of [
      "What would change itno lease returned date",
      "Whom to askmarketing, about governance.suppress in sentient.yaml: the car has gone back",
      "Woken now, nothing would be sent to c-dana.",
    ])
      await expect.poll(() => main.textContent()).toContain(text);
    // The picture and its table say the same.
    const table = page.locator("details table");
    await page.getByText("As table").click();
    const questions = await page.locator("figure svg text").allTextContents();
    expect(questions.join(" ")).toContain("Free of pauses?");
    expect(await table.locator("tbody tr").count()).toBe(7);
    expect(await axe(page)).toEqual([]);
    await shoot(page, `why-${look.size}-${look.theme}`);
  });

  test("the address is the question: reload and a copied address give the same, the fields are filled", async () => {
    const page = await on().open(`${QUESTION}&from=2026-09-03&to=2026-09-03`);
    await loaded(page);
    const sentence = page.getByText(/^upgrade-discount has not gone to c-dana yet|^upgrade-discount did not go to c-dana/).first();
    const said = await sentence.textContent();
    await page.reload();
    await expect.poll(() => sentence.textContent()).toBe(said);
    expect(await page.getByRole("combobox", { name: "Customer", exact: true }).inputValue()).toBe("c-dana");
    expect(await page.getByLabel("Experience").inputValue()).toBe("upgrade-discount");
    expect(await page.getByLabel("From").inputValue()).toBe("2026-09-03");
  });

  test("a customer is found by name while typing, and the question is asked without a mouse", async () => {
    const page = await on().open("/why");
    await page.getByRole("combobox", { name: "Customer", exact: true }).fill("dan");
    await expect.poll(() => page.locator("datalist option[value=c-dana]").count()).toBe(1);
    await page.getByRole("combobox", { name: "Customer", exact: true }).fill("c-dana");
    await page.keyboard.press("Enter");
    await page.getByLabel("Experience").selectOption("model-news");
    await expect.poll(() => page.getByText(/model-news did not go to c-dana/).count()).toBeGreaterThan(0);
    expect(new URL(page.url()).search).toBe("?customer=c-dana&experience=model-news");
  });

  test("days without a decision lead to those that have one", async () => {
    const page = await on().open(`${QUESTION}&from=2026-07-01&to=2026-07-08`);
    await page.getByRole("link", { name: "ask about the days around it" }).click();
    await expect.poll(() => page.getByRole("row").count()).toBeGreaterThan(1);
    expect(new URL(page.url()).search).toMatch(/from=2026-04-13&to=2026-04-27/);
  });

  test("an unknown customer is said, and a viewer gets the answer without texts", async () => {
    on().troubles.allow(/404/);
    const lost = await on().open("/why?customer=nobody&experience=upgrade-discount");
    await expect.poll(() => lost.getByRole("alert").count()).toBeGreaterThan(0);
    const page = await on().open(QUESTION, { role: "viewer" });
    await loaded(page);
    await expect
      .poll(() => page.getByText(/upgrade-discount did not go to c-dana\. Did it pass every stage and win\? No/).count())
      .toBeGreaterThan(0);
  });
});

describeInBrowser("a complaint desk: give the customer an explanation", (on) => {
  testOnEachLook("one sheet: what, why, why not the others, facts, policy version", async (look) => {
    const { decisions } = await on().ask<{ decisions: readonly { decisionId: string; experienceId?: string }[] }>(
      "/v1/decisions?customer=c-dana&limit=100",
    );
    const id = decisions.findLast(({ experienceId }) => experienceId === "return-receipt")?.decisionId ?? "";
    const page = await on().open(`/decisions/${id}/sheet`, look);
    await loaded(page);
    await expect.poll(() => page.getByText("Why not the others").count()).toBe(1);
    const text = await page.getByRole("main").textContent();
    for (const part of [
      "Explanation of a decision",
      "return-receipt for c-dana by email was recorded, not sent",
      "Policy version",
      "America/Chicago",
      "UTC",
      "upgrade-discount",
    ])
      expect(text).toContain(part);
    expect(await axe(page)).toEqual([]);
    await shoot(page, `sheet-${look.size}-${look.theme}`);
  });

  test("printed, it is complete: the address of the page, who printed it, the zone, no buttons", async () => {
    const { decisions } = await on().ask<{ decisions: readonly { decisionId: string; experienceId?: string }[] }>(
      "/v1/decisions?customer=c-dana&limit=100",
    );
    const id = decisions.findLast(({ experienceId }) => experienceId === "return-receipt")?.decisionId ?? "";
    const page = await on().open(`/decisions/${id}/sheet`);
    await loaded(page);
    await page.emulateMedia({ media: "print" });
    await expect.poll(() => page.getByText(/printed by ada \(admin\)/).isVisible()).toBe(true);
    expect(await page.getByText(page.url()).isVisible()).toBe(true);
    expect(await page.getByRole("button", { name: "Print" }).isVisible()).toBe(false);
    await shoot(page, "sheet-print");
    const { SHOTS } = process.env;
    const pdf = await page.pdf({ format: "A4", ...(SHOTS ? { path: `${SHOTS}/sheet.pdf` } : {}) });
    expect(pdf.length).toBeGreaterThan(10_000);
  });
});
