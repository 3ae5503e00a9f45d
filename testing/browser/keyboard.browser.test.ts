import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Role } from "../../domain/identity/roles.ts";
import { type ByKeyboard, byKeyboard } from "./by-keyboard.ts";
import { describeInBrowser } from "./console.ts";
import { liven } from "./story-goes-on.ts";

interface Job {
  readonly job: string;
  readonly role: Role;
  readonly path: string;
  /** What the browser may complain of, because of what the job does. */
  readonly allows?: RegExp;
  run(page: Page, keys: ByKeyboard): Promise<void>;
}

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });
const link = (page: Page, name: string | RegExp) => page.getByRole("link", { name });

const JOBS: readonly Job[] = [
  {
    ...{ job: "1, a visit at the desk", role: "operator", path: "/desk?department=sales" },
    async run(page, keys) {
      await keys.to(page.getByRole("combobox", { name: "Find the customer" }));
      await keys.type("priya");
      await page.getByRole("option", { name: /Priya Nair/ }).waitFor();
      await keys.press("ArrowDown", "Enter");
      await keys.to(button(page, "Here in person"));
      await keys.press("Enter");
      await page.getByText("The visit is recorded in the name of ann.").waitFor();
      await keys.to(link(page, "Open the task").first());
      await keys.press("Enter");
      await page.getByRole("heading", { level: 1, name: /Priya/ }).waitFor();
    },
  },
  {
    ...{ job: "2, a task claimed and done", role: "operator", path: "/tasks" },
    async run(page, keys) {
      await page.getByRole("table", { name: "Tasks" }).waitFor();
      await keys.press("j", "Enter");
      await button(page, /^Claim/).waitFor();
      await keys.press("c");
      await page.getByText("ann has it").waitFor();
      const dialog = await keys.open(button(page, /^Done/));
      await keys.to(dialog.getByRole("radio", { name: "no", exact: true }));
      await keys.press("ArrowDown");
      await keys.to(dialog.getByLabel(/^Note/));
      await keys.type("dcx: she comes on Friday");
      await keys.to(dialog.getByRole("button", { name: "It is done" }));
      await keys.press("Enter");
      await page.getByText("“dcx: she comes on Friday”").waitFor();
    },
  },
  {
    ...{ job: "3, why she did not get it", role: "analyst", path: "/why" },
    async run(page, keys) {
      await keys.to(page.getByRole("combobox", { name: "Customer", exact: true }));
      await keys.type("c-dana");
      await keys.press("Enter");
      await keys.to(page.getByLabel("Experience"));
      await keys.type("upgrade-d");
      await page
        .getByText(/upgrade-discount did not go to c-dana/)
        .first()
        .waitFor();
      await keys.to(page.locator("summary", { hasText: "As table" }));
      await keys.press("Enter");
      await page.getByRole("rowheader", { name: /Free of pauses/ }).waitFor();
    },
  },
  {
    ...{ job: "6, a promise kept by hand", role: "operator", path: "/promises" },
    async run(page, keys) {
      const dialog = await keys.open(button(page, "Kept…").first());
      await keys.to(dialog.getByRole("button", { name: "It has been kept" }));
      await keys.press("Enter");
      await page.getByText(/^Kept: /).waitFor();
    },
  },
  {
    ...{ job: "7, an approval", role: "approver", path: "/approvals" },
    async run(page, keys) {
      await page.getByRole("table", { name: "Approvals" }).waitFor();
      await keys.press("j", "Enter");
      const dialog = await keys.open(button(page, /^Approve/));
      await keys.to(dialog.getByLabel(/^Note/));
      await keys.type("axe");
      await keys.to(dialog.getByRole("button", { name: "Approve" }));
      await keys.press("Enter");
      await page.getByText("“axe”").waitFor();
    },
  },
  {
    ...{ job: "10, a canary is stopped", role: "operator", path: "/canaries" },
    async run(page, keys) {
      await page.getByRole("table", { name: "Canaries" }).waitFor();
      await keys.press("j", "Enter");
      const dialog = await keys.open(button(page, "Stop…"));
      await keys.to(dialog.getByLabel(/^Why/));
      await keys.type("wrong price");
      await keys.to(dialog.getByRole("button", { name: "Stop it" }));
      await keys.press("Enter");
      await page.getByText(/Nobody gets it until/).waitFor();
    },
  },
  {
    ...{ job: "8, a rehearsal down to who is behind a number", role: "analyst", path: "/rehearsals" },
    async run(page, keys) {
      await page.getByRole("table", { name: "Rehearsals" }).waitFor();
      const dialog = await keys.open(button(page, "Rehearse…"));
      await keys.to(dialog.getByLabel("Days"));
      await keys.press("Escape");
      // The first is being played, the next one is done.
      await keys.press("j", "j", "Enter");
      await keys.to(link(page, /sent before, silent after$/));
      await keys.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Sent before, silent after" }).waitFor();
      await page.getByRole("table", { name: "Decisions" }).waitFor();
      await keys.press("j", "Enter");
      await page.waitForURL(/customers/);
    },
  },
  {
    ...{ job: "11, what a run did", role: "operator", path: "/runs" },
    async run(page, keys) {
      await page.getByRole("table", { name: "Runs" }).waitFor();
      await keys.press("j", "Enter");
      await keys.to(page.locator("summary", { hasText: "As table" }));
      await keys.press("Enter");
      await page.getByRole("table", { name: "Steps" }).getByText("eligibility-judge").waitFor();
    },
  },
  {
    ...{ job: "12, a channel paused and resumed", role: "operator", path: "/health" },
    async run(page, keys) {
      const dialog = await keys.open(button(page, "Pause…"));
      await keys.to(dialog.getByLabel("Which"));
      await keys.type("sms");
      await keys.to(dialog.getByLabel(/^Why/));
      await keys.type("wrong prices");
      await keys.to(dialog.getByRole("button", { name: "Pause channel sms" }));
      await keys.press("Enter");
      await page.getByText("Paused: channel sms").waitFor();
      const resume = await keys.open(button(page, "Resume…"));
      await keys.to(resume.getByRole("button", { name: "Resume" }));
      await keys.press("Enter");
      await page.getByText(/channel sms goes on/).waitFor();
    },
  },
  {
    ...{ job: "13, an erasure", role: "steward", path: "/customers/c-tom?tab=privacy" },
    // What is still open asks once more for the customer who is erased.
    allows: /404/,
    async run(page, keys) {
      await keys.to(page.getByLabel("To confirm, type the id"));
      await keys.type("c-tom");
      await keys.to(button(page, "Erase everything"));
      await keys.press("Enter");
      await page.getByText(/Everything about c-tom was erased by stella/).waitFor();
      await keys.to(button(page, "Print the receipt"));
    },
  },
  {
    ...{ job: "14, two ids merged and split", role: "steward", path: "/customers/c-ruth?tab=record" },
    async run(page, keys) {
      await keys.to(page.getByRole("combobox", { name: /Merge into another customer/ }));
      await keys.type("wen");
      await page.getByRole("option", { name: /Wen Li/ }).waitFor();
      await keys.press("ArrowDown", "Enter");
      await keys.to(page.getByRole("dialog").getByRole("button", { name: "Merge", exact: true }));
      await keys.press("Enter");
      const dialog = await keys.open(button(page, "Split off…"));
      await keys.to(dialog.getByRole("button", { name: "Split", exact: true }));
      await keys.press("Enter");
      await page.getByText("Nobody is merged into this customer.").waitFor();
    },
  },
  {
    ...{ job: "15, an explanation on paper", role: "viewer", path: "/decisions?customer=c-dana" },
    async run(page, keys) {
      await page.evaluate("window.print = () => { window.printed = (window.printed ?? 0) + 1; }");
      await page.getByRole("table", { name: "Decisions" }).waitFor();
      await keys.press("j", "j", "Enter");
      await keys.to(link(page, /sheet/i));
      await keys.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Explanation of a decision" }).waitFor();
      await keys.to(button(page, "Print"));
      await keys.press("Enter");
      await expect.poll(() => page.evaluate("window.printed")).toBe(1);
      await page.getByRole("heading", { level: 1 }).focus();
      await keys.press("p");
      await expect.poll(() => page.evaluate("window.printed")).toBe(2);
    },
  },
];

describeInBrowser("with a keyboard alone", (on) => {
  beforeAll(() => liven(on()));

  test.each(JOBS)("job $job: each stop is seen, and the focus comes back from a dialog", async ({ role, path, allows, run }) => {
    if (allows) on().troubles.allow(allows);
    const page = await on().open(path, { role });
    await run(page, byKeyboard(page));
    // Whatever was pressed last may be gone: the next key still begins within the page.
    await expect.poll(() => page.evaluate("document.activeElement !== document.body")).toBe(true);
  });
});
