import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findChromium, NO_BROWSER } from "./chromium.ts";
import { buildConsole, record } from "./recording.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A store with the recorded months of the dealership, to be copied; empty without a browser. */
    readonly recording: string;
  }
}

/** Before all tests in a browser: builds the console where it is older than its sources, and records a story once. */
export default function prepare({ provide }: Pick<TestProject, "provide">): () => void {
  if (findChromium(process.env) === undefined) {
    process.stderr.write(`tests in a browser are skipped: ${NO_BROWSER}\n`);
    provide("recording", "");
    return () => {};
  }
  buildConsole();
  const folder = mkdtempSync(join(tmpdir(), "sentient-recording-"));
  record(join(folder, "data"));
  provide("recording", join(folder, "data"));
  return () => rmSync(folder, { recursive: true, force: true });
}
