import { useWindowVirtualizer, windowScroll } from "@tanstack/react-virtual";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { usePrinting } from "../../reader/printing.ts";

/** Above this many rows only those near the window are in the document. */
const MOST_WHOLE = 100;
/** Until one has been seen. */
const ROW_PX = 36;
/** Rows that are drawn before and after those in sight. */
const AROUND = 12;
/** In a window without a height. */
const WITHOUT_WINDOW = 40;
const NONE = { width: 0, height: 0 };

export interface ShownRows {
  /** Indexes of the rows in the document: the first, and that after the last. */
  readonly from: number;
  readonly to: number;
  /** Heights of the rows before and after them, in pixels. */
  readonly before: number;
  readonly after: number;
  /** The `ref` of each row. It stays the same, so that no row is drawn again for it. */
  readonly measure: (element: HTMLTableRowElement | null) => void;
  /** Scrolls a row into view that is not in the document; undefined where all are. */
  readonly scrollTo: ((index: number) => void) | undefined;
}

/** The rows near the window, and the height of those before and after. Short lists and paper have them all. */
export function useShownRows(count: number, body: { readonly current: HTMLElement | null }): ShownRows {
  const isPrinting = usePrinting();
  const [offset, setOffset] = useState(0);
  const height = useRef(ROW_PX);
  const began = useRef<number>(undefined);
  const isWhole = count <= MOST_WHOLE || isPrinting;
  const rows = useWindowVirtualizer<HTMLTableRowElement>({
    ...{ count, enabled: !isWhole, overscan: 0, scrollMargin: offset },
    estimateSize: () => height.current,
    initialRect: isWhole ? NONE : { width: window.innerWidth, height: window.innerHeight },
    initialOffset: () => {
      began.current = window.scrollY;
      return began.current;
    },
    // It begins with scrolling to where the window is: the page would be laid out for it, in the task that has just changed it.
    scrollToFn: (to, options, instance) => {
      if (to !== began.current) windowScroll(to, options, instance);
      began.current = undefined;
    },
    // Each row is observed, and reported once it is laid out. Asking for its height before that would lay out the page as well.
    measureElement: (row, entry, { measurementsCache }) =>
      entry?.borderBoxSize[0]?.blockSize ?? measurementsCache[Number(row.dataset["index"])]?.size ?? height.current,
  });
  const { isScrolling, measureElement: measure } = rows;
  useEffect(() => {
    if (isScrolling || isPrinting) return undefined;
    return afterLayout(() => {
      if (body.current === null) return;
      const { top, height: all } = body.current.getBoundingClientRect();
      if (isWhole && count > 0) height.current = all / count;
      setOffset((old) => (Math.abs(old - top - window.scrollY) < 1 ? old : top + window.scrollY));
    });
  }, [count, isWhole, isPrinting, isScrolling, body]);
  const seen = rows.getVirtualItems();
  const [first, last] = [seen[0]?.index ?? 0, seen.at(-1)?.index ?? Math.min(count, WITHOUT_WINDOW) - 1];
  const around = useAround(isWhole ? 0 : first, isWhole ? count : last + 1, count);
  if (isWhole) return { from: 0, to: count, before: 0, after: 0, measure, scrollTo: undefined };
  const places = rows.measurementsCache;
  return {
    ...{ ...around, measure },
    before: (places[around.from]?.start ?? offset) - offset,
    after: rows.getTotalSize() - ((places[around.to - 1]?.end ?? offset) - offset),
    scrollTo: (index: number) => rows.scrollToIndex(index, { align: "auto" }),
  };
}

// --- internal ---

/**
 * The rows from `from` to before `to`, which are in sight, with those around them. Rows in sight are drawn at once; the rest is added, and
 * what was left behind is taken away, in a task of its own afterwards.
 */
function useAround(from: number, to: number, count: number): { readonly from: number; readonly to: number } {
  const begin = useDeferredValue(Math.max(0, from - AROUND));
  const end = Math.min(count, useDeferredValue(Math.min(count, to + AROUND)));
  const isFar = end < from || begin > to;
  return isFar ? { from, to } : { from: Math.min(from, begin), to: Math.max(to, end) };
}

/** Runs `look` when the next frame has been laid out, so that what it reads costs nothing. Returns a function that takes it back. */
function afterLayout(look: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(look);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
