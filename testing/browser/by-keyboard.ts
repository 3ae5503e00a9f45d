import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** A person at a page who has a keyboard and nothing else. */
export interface ByKeyboard {
  /** Goes on with the tab key until something has the focus; each stop on the way must be seen to have it. */
  to(target: Locator): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
  type(text: string): Promise<void>;
  /**
   * Opens a dialog by its button, and leaves it by Escape: the focus is in it, and comes back to the button. Then opens it again.
   * Returns the dialog.
   */
  open(button: Locator): Promise<Locator>;
}

/** More stops than any page has between two things that belong together. */
const MOST_STOPS = 250;

/** The element with the focus, and whether that can be seen: an outline around it, in sight, with nothing over it. */
const FOCUSED = `(() => {
  const element = document.activeElement;
  const name = element.tagName.toLowerCase() + " " + (element.textContent || element.getAttribute("aria-label") || element.id || "").slice(0, 60);
  if (element === document.body) return { name, isLost: true, isSeen: false };
  const isOutlined = [null, "::after"].some((pseudo) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element, pseudo);
    return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
  });
  // The browser draws it around the icon that opens the calendar, where no style sheet reaches.
  const isDate = element.matches("input[type=date]");
  const box = element.getBoundingClientRect();
  const [x, y] = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 12)];
  const isInSight = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const above = document.elementFromPoint(x, y);
  const isFree = above === null || element.contains(above) || above.contains(element) || above.closest("label")?.contains(element);
  return { name, isLost: false, isSeen: (isOutlined || isDate) && isInSight && Boolean(isFree) };
})()`;

interface Focused {
  readonly name: string;
  readonly isLost: boolean;
  readonly isSeen: boolean;
}

export function byKeyboard(page: Page): ByKeyboard {
  const focused = () => page.evaluate(FOCUSED) as Promise<Focused>;
  const has = (target: Locator): Promise<boolean> => target.evaluate((element) => element === element.ownerDocument.activeElement);
  const keyboard: ByKeyboard = {
    async to(target) {
      await target.waitFor();
      for (let stops = 0; !(await has(target)); stops++) {
        expect(stops, `tab stops until ${target}`).toBeLessThan(MOST_STOPS);
        await page.keyboard.press("Tab");
        const { name, isLost, isSeen } = await focused();
        // Beyond the last stop the focus is the browser's own, for one step.
        if (!isLost) expect([name, isSeen]).toEqual([name, true]);
      }
    },
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key);
    },
    type: (text) => page.keyboard.type(text),
    async open(button) {
      const dialog = page.getByRole("dialog");
      await keyboard.to(button);
      await page.keyboard.press("Enter");
      await dialog.waitFor();
      expect(await dialog.evaluate((element) => element.contains(element.ownerDocument.activeElement))).toBe(true);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      await expect.poll(() => has(button)).toBe(true);
      await page.keyboard.press("Enter");
      await dialog.waitFor();
      return dialog;
    },
  };
  return keyboard;
}
