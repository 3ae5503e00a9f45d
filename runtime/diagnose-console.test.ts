import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnoseConsole } from "./diagnose-console.ts";

test("a console that is not built is told with the command that builds it", () => {
  const folder = mkdtempSync(join(tmpdir(), "sentient-console-"));
  try {
    expect(diagnoseConsole(folder)).toEqual({ what: "console", state: "absent", detail: expect.stringContaining("npm run console") });
    writeFileSync(join(folder, "index.html"), "");
    expect(diagnoseConsole(folder)).toMatchObject({ state: "good" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
