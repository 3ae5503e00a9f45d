import { useEffect } from "react";

/**
 * Puts the focus on the page's heading when the element that had it is taken away or disabled by what was done with it: the next key
 * then begins within the page, and a screen reader stays there.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    const remember = ({ target }: FocusEvent): void => {
      if (target instanceof Element) last = target;
    };
    const keep = (): void => {
      if (last === null || document.activeElement !== document.body) return;
      if (last.isConnected && !last.matches(":disabled")) return;
      // A dialog is answered first: nothing else on the page takes the focus while it is open.
      if (document.querySelector("dialog[open]")) return;
      document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(keep);
    document.addEventListener("focusin", remember);
    observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
    return () => {
      observer.disconnect();
      document.removeEventListener("focusin", remember);
    };
  }, []);
}
