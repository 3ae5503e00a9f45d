import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { describeInBrowser, IS_SHORT } from "./console.ts";
import { pdfText } from "./pdf-text.ts";
import { liven } from "./story-goes-on.ts";

/** What a page says: the texts in its main part, all of it unfolded, without what is only there to be pressed. */
const FACTS = `(() => {
  const details = [...document.querySelectorAll("main details:not([open])")];
  for (const one of details) one.open = true;
  const isLeftOut = (element) => {
    const button = element.closest("button");
    if (button && !button.closest("[role=toolbar]")) return true;
    return element.closest("nav, form, iframe, .not-printed, .only-heard, [aria-hidden=true]") || !element.checkVisibility();
  };
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const facts = [];
  while (walker.nextNode()) if (!isLeftOut(walker.currentNode.parentElement)) facts.push(walker.currentNode.data);
  for (const one of details) one.open = false;
  return facts;
})()`;

const bare = (text: string): string => text.normalize("NFKC").replaceAll(/\s/g, "");

/** The text of the page's PDF, and the facts of its screen that are not in it. */
async function print(page: Page): Promise<{ readonly text: string; readonly missing: readonly string[] }> {
  let printed = await printNow(page);
  // The screen may have changed in between: times are in her zone once her record is read.
  for (let again = 0; again < 2 && printed.missing.length > 0; again++) printed = await printNow(page);
  return printed;
}

async function printNow(page: Page): Promise<{ readonly text: string; readonly missing: readonly string[] }> {
  await page.locator("[aria-label=Loading], [aria-busy=true]").first().waitFor({ state: "detached" });
  const facts = (await page.evaluate(FACTS)) as string[];
  for (const frame of page.frames().slice(1)) facts.push(...(await frame.locator("body").allInnerTexts()).join("\n").split("\n"));
  const text = pdfText(await page.pdf({ format: "A4" }));
  return { text, missing: facts.filter((fact) => !text.includes(bare(fact))) };
}

describeInBrowser("on paper", (on) => {
  beforeAll(() => liven(on()));

  const idOf = async (path: string, list: string, id: string): Promise<string> => {
    const found = (await on().ask<Record<string, readonly Record<string, string>[]>>(path))[list]?.at(-1)?.[id];
    expect([path, found]).toEqual([path, expect.any(String)]);
    return found ?? "";
  };

  const decisionOf = (customer: string) => idOf(`/v1/decisions?customer=${customer}&limit=1&order=newest`, "decisions", "decisionId");

  const PAGES: readonly (readonly [string, () => Promise<string>])[] = [
    ["a story", async () => "/customers/c-dana"],
    ["a story with what departments alone would have sent", async () => "/customers/c-dana?alone=yes"],
    ["a decision", async () => `/decisions/${await decisionOf("c-dana")}`],
    ["a decision's sheet", async () => `/decisions/${await decisionOf("c-dana")}/sheet`],
    ["an approval", async () => `/approvals/${await idOf("/v1/approvals", "approvals", "approvalId")}`],
    ["a task", async () => `/tasks/${await idOf("/v1/tasks", "tasks", "taskId")}`],
  ];

  test.each(IS_SHORT ? PAGES.slice(0, 1) : PAGES)(
    "%s says everything that its screen says, and by whom, when and from where it was printed",
    async (_, addressOf) => {
      const page = await on().open(await addressOf());
      const { text, missing } = await print(page);
      expect(missing).toEqual([]);
      expect(text).toContain(bare(page.url()));
      expect(text).toMatch(/printedbyada\(admin\)/);
    },
  );

  test("the receipt of an erasure is complete", async () => {
    const page = await on().open("/customers/c-ruth?tab=privacy");
    await page.getByLabel("To confirm, type the id").fill("c-ruth");
    await page.getByRole("button", { name: "Erase everything" }).click();
    await page.getByRole("region", { name: "Receipt of the erasure" }).waitFor();
    const { text, missing } = await print(page);
    expect(missing).toEqual([]);
    expect(text).toContain("Everythingaboutc-ruthwaserasedbyada");
    expect(text).toMatch(/tablerows.*decisions\d+/i);
  });

  test("a text that the screen cuts is whole, and so is a list of which the screen has a part", async () => {
    const words = Array.from({ length: 1_200 }, (_, n) => `word-${n}`).join(" ");
    await on().signal("message.received", "c-tom", { channel: "email", text: words });
    await on().settled();
    const sheet = await on().open(`/decisions/${await decisionOf("c-tom")}/sheet`);
    await sheet
      .getByRole("button", { name: /more, [\d,]+ characters/ })
      .first()
      .waitFor();
    expect((await print(sheet)).text).toContain("word-1198word-1199");
    await on().service.store.database.pool.query(
      "insert into audit (at, actor, action, target, details) select now(), 'kim', 'paused', 'box-' || n || '-end', '{}' from generate_series(1, 150) n",
    );
    const list = await on().open("/audit");
    const button = list.getByRole("button", { name: "Show more" });
    await button.click();
    await button.waitFor({ state: "hidden" });
    expect(await list.locator("tbody tr").count()).toBeLessThan(150);
    const { text } = await print(list);
    expect(Array.from({ length: 150 }, (_, n) => n + 1).filter((n) => !text.includes(`box-${n}-end`))).toEqual([]);
    // Its columns have their heads, also on a narrow page.
    for (const head of await list.locator("thead th").allTextContents()) expect(text).toContain(bare(head));
  });
});
