import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { findChromium, NO_BROWSER } from "./chromium.ts";
import { type ConsoleOptions, type ConsoleUnderTest, type Look, type OpenConsole, openConsole } from "./open-console.ts";

export type { ConsoleUnderTest, Look, PageOptions } from "./open-console.ts";
export { keyOf } from "./served.ts";

const { SENTIENT_BROWSER_SHORT } = process.env;

/** The short form: each thing once. */
export const IS_SHORT = Boolean(SENTIENT_BROWSER_SHORT);

/** Desktop and phone, light and dark; in the short form one of them. */
export const LOOKS: readonly Look[] = IS_SHORT
  ? [{ size: "desktop", theme: "light" }]
  : (["desktop", "phone"] as const).flatMap((size) => (["light", "dark"] as const).map((theme) => ({ size, theme })));

/** A test for each look. */
export const testOnEachLook = (title: string, run: (look: Look) => Promise<void>): void =>
  test.each(LOOKS)(`${title}, $size, $theme`, async (look) => run(look));

/**
 * Describes tests in a browser on a server of their own. Afterwards each test fails that left an error on a page, a violation of the
 * content security policy or a request to elsewhere. Without a browser they are skipped with the reason; `isLong`: in the short form too.
 */
export function describeInBrowser(
  title: string,
  tests: (on: () => ConsoleUnderTest) => void,
  { isLong = false, ...options }: ConsoleOptions & { readonly isLong?: boolean } = {},
): void {
  const executable = findChromium(process.env);
  if (executable === undefined) {
    test.skip(`${title}: ${NO_BROWSER}`, () => {});
    return;
  }
  if (isLong && IS_SHORT) {
    test.skip(`${title}: not in the short form`, () => {});
    return;
  }
  describe(title, () => {
    let opened: OpenConsole | undefined;
    beforeAll(async () => {
      opened = await openConsole(executable, options.workspace === undefined ? { ...options, recording: inject("recording") } : options);
    });
    afterEach(async () => {
      await opened?.closePages();
      expect(opened?.troubles.seen.splice(0)).toEqual([]);
    });
    afterAll(async () => opened?.close());
    tests(() => {
      if (!opened) throw new Error("the console is not open");
      return opened;
    });
  });
}
