import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./diagnose.ts";

/** Whether the pages of the console are built in their folder. */
export function diagnoseConsole(folder: string): Finding {
  const what = "console";
  return existsSync(join(folder, "index.html"))
    ? { what, state: "good", detail: "built; serve and dev deliver it at /console" }
    : { what, state: "absent", detail: "not built in this clone; npm run console builds it" };
}
