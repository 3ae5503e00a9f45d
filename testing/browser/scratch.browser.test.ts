import { describeInBrowser } from "./console.ts";
import { test } from "vitest";
import { axe } from "./axe.ts";
const shots: [string, string, object][] = [
  ["customers", "/customers", {}],
  ["story", "/customers/c-dana?alone=yes", {}],
  ["record", "/customers/c-dana?tab=record", {}],
  ["contacts", "/customers/c-dana?tab=contacts", {}],
  ["conversation", "/customers/c-tom?tab=conversation", {}],
  ["decisions", "/customers/c-dana?tab=decisions", {}],
  ["privacy", "/customers/c-dana?tab=privacy", {}],
  ["desk", "/desk", {}],
  ["desk-dana", "/desk?customer=c-dana&department=sales", {}],
];
describeInBrowser("shots", (on) => {
  test("all", async () => {
    for (const [look, options] of [["d", {}], ["p", { size: "phone" }], ["k", { theme: "dark" }]] as const) {
      const context = await on().context(options as never);
      await on().signIn(context);
      for (const [name, path] of shots) {
        const page = await on().open(path, { context });
        await page.waitForTimeout(1200);
        await page.screenshot({ path: `/tmp/shots-people/${name}-${look}.png`, fullPage: true });
        const wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        console.log(look, name, "wider", wider, JSON.stringify(await axe(page)).slice(0, 600));
        await page.close();
      }
    }
  });
});
