import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { axe } from "./axe.ts";
import { describeInBrowser, LOOKS, type Look, testOnEachLook } from "./console.ts";

const panel = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });
const marks = (page: Page, kind: string) => page.locator(`button[data-mark=${kind}]`);

/** A customer of the recorded story for each look. */
const ofLook = (look: Look, ...customers: readonly string[]): string => customers[LOOKS.indexOf(look)] ?? "";

describeInBrowser("people", (on) => {
  testOnEachLook("job 1: she has walked in: two taps record the visit, and the task with facts is there", async (look) => {
    const page = await on().open("/desk?department=sales", look);
    await page.getByRole("button", { name: "Priya Nair" }).click();
    await page.getByRole("button", { name: "Here in person" }).click();
    const task = panel(page, "What to do").getByRole("listitem");
    await task.first().waitFor();
    expect(await task.first().textContent()).toMatch(/Priya/);
    await page.getByText("The visit is recorded in the name of ada.").waitFor();
    expect(await axe(page)).toEqual([]);
    // Pressed once more on another page, it is another visit; here it cannot be pressed again.
    expect(await page.getByRole("button", { name: "Here in person" }).isDisabled()).toBe(true);
  });

  testOnEachLook("job 13: export, erase, prove it: counts before, the id typed, a receipt to print", async (look) => {
    const id = ofLook(look, "c-omar", "c-elena", "c-grace", "c-jamal");
    const page = await on().open(`/customers/${id}?tab=privacy`, { ...look, role: "steward" });
    await panel(page, "What is held")
      .getByRole("row", { name: /decisions/ })
      .waitFor();
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the export" }).click();
    const saved = JSON.parse(readFileSync(await (await saving).path(), "utf8"));
    expect(saved).toMatchObject({ customerId: id });
    const erase = page.getByRole("button", { name: "Erase everything" });
    await page.getByLabel("To confirm, type the id").fill(id.slice(0, -1));
    expect(await erase.isDisabled()).toBe(true);
    await page.getByLabel("To confirm, type the id").fill(id);
    await answerOnceTold(page, id);
    await erase.click();
    const receipt = page.getByRole("region", { name: "Receipt of the erasure" });
    await receipt.waitFor();
    expect(await receipt.textContent()).toContain(`Everything about ${id} was erased by stella`);
    expect(await receipt.getByRole("button", { name: "Print the receipt" }).isVisible()).toBe(true);
    expect(await axe(page)).toEqual([]);
  });

  /** Keeps back the answer of an erasure until the live stream has told of it: the page must not read again then what is gone. */
  const answerOnceTold = (page: Page, id: string): Promise<void> =>
    page.evaluate(async (customer) => {
      const stream = new EventSource(`/v1/stream?customer=${customer}`);
      const told = new Promise((resolve) => {
        stream.addEventListener("hint", (event) => {
          if (JSON.parse(String((event as MessageEvent).data)).customerId === customer) resolve(stream.close());
        });
      });
      await new Promise((resolve) => stream.addEventListener("hello", resolve));
      const send = globalThis.fetch;
      globalThis.fetch = async (asked, options) => {
        const response = await send(asked, options);
        if (String(asked).endsWith("/erase")) await told;
        return response;
      };
    }, id);

  testOnEachLook(
    "job 14: every field has its source and age; a merge says what it means before, and splitting undoes it; a dead address is used again",
    async (look) => {
      const page = await on().open("/customers/c-ruth?tab=record", { ...look, role: "steward" });
      const row = panel(page, "Fields").getByRole("row", { name: /vehicle.model/ });
      expect(await row.textContent()).toMatch(/crm.*ago.*the latest/);
      const person = panel(page, "One person, several ids");
      await person.getByRole("combobox").fill("wen");
      await page.getByRole("option", { name: /Wen Li/ }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("c-ruth becomes part of c-wen").waitFor();
      await dialog.getByText(/said differently, and the rules of the record choose/).waitFor();
      expect(await axe(page)).toEqual([]);
      await dialog.getByRole("button", { name: "Merge", exact: true }).click();
      await page.getByRole("button", { name: "Split off…" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Split", exact: true }).click();
      await person.getByText("Nobody is merged into this customer.").waitFor();
      await bounceAndLift(page, ofLook(look, "c-sofia", "c-marcus", "c-lily", "c-wen"));
    },
  );

  /** Lets an address bounce for good, and makes it usable again on the page that is open. */
  async function bounceAndLift(page: Page, customer: string): Promise<void> {
    const { decisions } = await on().ask<{ decisions: readonly { deliveries: readonly { deliveryId: string; channel: string }[] }[] }>(
      `/v1/decisions?customer=${customer}&limit=1000`,
    );
    const sent = decisions.flatMap(({ deliveries }) => deliveries).find(({ channel }) => channel === "email" || channel === "sms");
    await on().signal("delivery.bounced", customer, { deliveryId: sent?.deliveryId ?? "", permanent: true, code: "5.1.1" });
    await on().settled();
    await page.goto(`${on().url}/console/customers/${customer}?tab=record`);
    const addresses = panel(page, "Addresses");
    await addresses.getByText(/reaches nobody: bounced for good: 5.1.1/).waitFor();
    await addresses.getByRole("button", { name: "Use it again…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("the customer is decided again at once").waitFor();
    await dialog.getByRole("button", { name: "Use it again" }).click();
    await dialog.waitFor({ state: "detached" });
    await addresses.getByText("reaches nobody").waitFor({ state: "detached" });
  }

  testOnEachLook("the story shows silence like a message, and a mark leads to its decision", async (look) => {
    const page = await on().open("/customers/c-dana", look);
    await marks(page, "sent").last().waitFor();
    expect(await page.getByRole("button", { name: /^silent/ }).count()).toBeGreaterThan(2);
    expect(await marks(page, "held").count()).toBeGreaterThan(5);
    expect(await marks(page, "alone").count()).toBe(0);
    await page.getByLabel("What each department alone would have sent").check();
    await marks(page, "alone").last().waitFor();
    await marks(page, "waits").last().click();
    await page.getByRole("complementary", { name: "The decision" }).getByText("waits until").first().waitFor();
    expect(page.url()).toMatch(/mark=d_/);
    expect(await axe(page)).toEqual([]);
    const wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(wider)).toBe(0);
  });

  test("the table of the story has each of its marks, and arrow keys go through them as one stop", async () => {
    const page = await on().open("/customers/c-dana?alone=yes&whole=yes");
    await marks(page, "alone").first().waitFor();
    const all = await page.evaluate(
      "[...document.querySelectorAll('button[data-mark]')].reduce((n, { dataset }) => n + Number(dataset.stands ?? 1), 0)",
    );
    await page.getByText("As table").click();
    expect(await page.locator("figure details tbody tr").count()).toBe(all);
    expect(await page.locator("button[data-mark][tabindex='0']").count()).toBe(1);
    await page.locator("button[data-mark][tabindex='0']").focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.dataset.mark !== undefined && document.activeElement.tabIndex")).toBe(0);
  });

  test("search finds from every page, by key and keyboard alone", async () => {
    const page = await on().open("/decisions");
    await page.keyboard.press("/");
    await page.getByRole("combobox", { name: /A customer by name/ }).waitFor();
    await page.keyboard.type("DANA@mail.example");
    await page.getByRole("option", { name: /Dana Whitfield/ }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Dana Whitfield" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/console/customers/c-dana");
  });

  test("search opens on a phone, by its button and by key", async () => {
    const page = await on().open("/tasks", { size: "phone", theme: "light" });
    const box = page.getByRole("combobox", { name: /A customer by name/ });
    await page.keyboard.press("/");
    await box.waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.getByRole("navigation", { name: "Main pages" }).getByRole("button", { name: "Search" }).click();
    await box.fill("dana@mail.example");
    await page.getByRole("option", { name: /Dana Whitfield/ }).click();
    await page.getByRole("heading", { level: 1, name: "Dana Whitfield" }).waitFor();
  });

  test("a long story opens at its latest rows; the earlier ones come by a button, and on paper", async () => {
    const page = await on().open("/customers/c-dana");
    const rows = page.locator("[data-row]");
    const inSight = page.locator("[data-row]:visible");
    await rows.first().waitFor({ state: "attached" });
    const all = await rows.count();
    expect([all > 20, await inSight.count(), await rows.last().isVisible()]).toEqual([true, 20, true]);
    await page.emulateMedia({ media: "print" });
    expect([await inSight.count(), await marks(page, "sent").first().isVisible()]).toEqual([all, true]);
    await page.emulateMedia({ media: "screen" });
    await page.getByRole("link", { name: "To the latest" }).click();
    await expect.poll(() => page.evaluate("document.getElementById('latest').getBoundingClientRect().top < innerHeight")).toBe(true);
    await page.getByRole("button", { name: `Show ${all - 20} earlier` }).click();
    await expect.poll(() => inSight.count()).toBe(all);
    expect(page.url()).toMatch(/whole=yes/);
  });

  test("what a viewer may not do is absent; on a phone the chosen tab is in sight", async () => {
    const page = await on().open("/customers/c-tom", { role: "viewer", size: "phone" });
    await marks(page, "sent").first().waitFor();
    const tabs = page.getByRole("navigation", { name: "About this customer" }).getByRole("link");
    expect(await tabs.allInnerTexts()).toEqual(["Story", "Record", "Contacts", "Decisions", "Privacy"]);
    await tabs.getByText("Decisions").click();
    await page.getByText("recorded, not sent").first().waitFor();
    await page.goto(page.url().replace(/\?.*/, "?tab=privacy"));
    await page.getByText("Exporting and erasing needs the permission person.").waitFor();
    const { x = 0, width = 0 } = (await tabs.last().boundingBox()) ?? {};
    expect(x + width).toBeLessThanOrEqual(390);
    expect(await page.getByRole("button", { name: /Erase|export/ }).count()).toBe(0);
  });
});
