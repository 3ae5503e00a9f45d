import { useSyncExternalStore } from "react";

/** Whether the page is on its way to paper: then it shows all that it has. */
export const usePrinting = (): boolean => useSyncExternalStore(subscribe, isPrinting, () => false);

// --- internal ---

let isBetween = false;
const isPrinting = (): boolean => isBetween || window.matchMedia("print").matches;

// The events of printing come before the page is laid out for it, the change of its medium after that.
function subscribe(listener: () => void): () => void {
  const paper = window.matchMedia("print");
  const become = (isNow: boolean) => (): void => {
    isBetween = isNow;
    listener();
  };
  const [begins, ends] = [become(true), become(false)];
  paper.addEventListener("change", listener);
  window.addEventListener("beforeprint", begins);
  window.addEventListener("afterprint", ends);
  return () => {
    paper.removeEventListener("change", listener);
    window.removeEventListener("beforeprint", begins);
    window.removeEventListener("afterprint", ends);
  };
}
