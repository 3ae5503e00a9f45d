import type { Page } from "playwright-core";
import { expect } from "vitest";

/**
 * Opens each dialog of a page, one after the other, by the buttons that announce one with three dots, and gives its title while it is open.
 * Afterwards it is closed by Escape, and the focus must be back on its button.
 */
export async function* dialogsOf(page: Page): AsyncGenerator<string> {
  const buttons = page.locator("main button:visible:not([data-mark])", { hasText: /^[^…]+…/ });
  const seen = new Set<string>();
  for (let place = 0; place < (await buttons.count()); place++) {
    const button = buttons.nth(place);
    const words = (await button.textContent()) ?? "";
    // One of each kind: a list has the same in every row.
    if (seen.has(words)) continue;
    seen.add(words);
    await button.click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    yield (await dialog.getByRole("heading").first().textContent()) ?? "";
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => button.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  }
}
