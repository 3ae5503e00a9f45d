import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

test("the layer table of ARCHITECTURE.md says what is enforced", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const table = text.slice(text.indexOf("<!-- layers -->"), text.indexOf("<!-- /layers -->"));
  const rows = [...table.matchAll(/^\| (\w+) \| .+ \| (.+) \|$/gm)].filter(([, folder]) => folder !== "folder");
  const { forbidden }: { forbidden: readonly { name: string; comment?: string; to: { pathNot?: string[] } }[] } = createRequire(
    import.meta.url,
  )(join(root, ".dependency-cruiser.cjs"));
  const pure = forbidden.find(({ name }) => name === "domain-is-pure")?.to.pathNot ?? [];
  const isLibrary = (name: string): boolean => pure.some((pattern) => new RegExp(pattern).test(`node_modules/${name}/`));
  const told = rows.map(([, folder = "", allowed = ""]) => [folder, allowed.split(", ").filter((one) => !isLibrary(one))]);
  const enforced = forbidden
    .filter(({ name }) => name.startsWith("layer-"))
    .map(({ name, comment = "" }) => {
      const allowed = comment.split("may import ")[1] ?? "";
      return [name.slice("layer-".length), allowed === "nothing of ours" ? [] : allowed.split(", ")];
    });
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(enforced));
});
