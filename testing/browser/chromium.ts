import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/** The browser of the tests: that of `SENTIENT_CHROMIUM`, or the first one in `PATH`; undefined without one. */
export function findChromium({ SENTIENT_CHROMIUM, PATH = "" }: Readonly<Record<string, string | undefined>>): string | undefined {
  if (SENTIENT_CHROMIUM) return SENTIENT_CHROMIUM;
  return PATH.split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find(isExecutable);
}

export const NO_BROWSER = "no Chromium is in PATH: install it (apt-get install chromium), or name one in SENTIENT_CHROMIUM";

// --- internal ---

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
