import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sentientHere } from "./command-line.ts";
import { sectionsOf, writeBlocks } from "./pages.ts";

// Each recipe of docs/cookbook.md, on the page's base: sound, and its golden decisions hold.

const [base, ...recipes] = sectionsOf("cookbook.md");

test("W25: docs/cookbook.md has a recipe for each of these wishes", () => {
  const wishes = ["Renewal", "Follow-up", "Outage", "Payment", "Complaint", "A/B", "Holdout", "Minors", "Several lines", "Languages"];
  expect(recipes.map(({ title }) => title.split(":")[0])).toEqual(expect.arrayContaining([...wishes, "Approvals", "Free text"]));
});

describe.each(recipes)("W25: $title", ({ blocks }) => {
  test("check accepts it, and its golden decisions hold", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sentient-recipe-"));
    try {
      writeBlocks(dir, [...(base?.blocks ?? []), ...blocks]);
      expect(await sentientHere("check", dir)).toMatchObject({ code: 0, err: expect.not.stringContaining("✗") });
      const judged = await sentientHere("eval", dir);
      expect([judged.code, judged.code === 0 ? "" : [...judged.out, judged.err].join("\n")]).toEqual([0, ""]);
      expect(blocks.filter(({ file }) => file?.startsWith("evals/"))).toHaveLength(1);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
