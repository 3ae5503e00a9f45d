import type { Hint } from "./hints.ts";

/** Whether changes are heard as they happen, or since when not. */
export type Status = { readonly isLive: true } | { readonly isLive: false; readonly since: number };

/** Messages between the tabs of a browser. */
export type Message =
  | { readonly kind: "hint"; readonly hint: Hint }
  | { readonly kind: "status"; readonly status: Status; readonly isNew: boolean }
  /** The customers whom the tab `from` shows. */
  | { readonly kind: "shows"; readonly from: string; readonly customerIds: readonly string[] }
  /** From the tab that leads from now on: say what you show. */
  | { readonly kind: "leads" };

export interface StreamOptions {
  /** The address of the stream for these customers. */
  readonly urlOf: (customerIds: readonly string[]) => string;
  readonly onHint: (hint: Hint) => void;
  /** `isNew`: it became live again, and what happened meanwhile is unknown. */
  readonly onStatus: (status: Status, isNew: boolean) => void;
}

export interface Stream {
  /** Opens it again where the customers are others than before. */
  show(customerIds: readonly string[]): void;
  close(): void;
}

/** How long it waits before it tries again, in milliseconds: longer each time. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];
/** Opening a page changes what is shown several times. */
const SETTLE_MS = 300;

/** The stream of one browser, which opens itself again. */
export function openStream({ urlOf, onHint, onStatus }: StreamOptions): Stream {
  let customerIds: readonly string[] = [];
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lostAt: number | undefined;
  const lost = (opened: EventSource): void => {
    opened.close();
    if (opened !== source) return;
    source = undefined;
    lostAt ??= Date.now();
    onStatus({ isLive: false, since: lostAt }, false);
    // Many browsers lose a server at once.
    later((RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0) * (0.8 + Math.random() * 0.4));
    failures++;
  };
  const open = (): void => {
    const before = source;
    const opened = new EventSource(urlOf(customerIds));
    source = opened;
    opened.addEventListener("hello", () => {
      before?.close();
      failures = 0;
      const wasLost = lostAt !== undefined;
      lostAt = undefined;
      onStatus({ isLive: true }, wasLost);
    });
    opened.addEventListener("hint", ({ data }: MessageEvent<string>) => onHint(JSON.parse(data) as Hint));
    opened.addEventListener("bye", () => lost(opened));
    opened.addEventListener("error", () => {
      before?.close();
      lost(opened);
    });
  };
  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(open, ms);
  };
  open();
  return {
    show(ids) {
      const wanted = [...new Set(ids)].sort().slice(0, MOST_CUSTOMERS);
      if (wanted.join("\n") === customerIds.join("\n")) return;
      customerIds = wanted;
      if (lostAt === undefined) later(SETTLE_MS);
    },
    close() {
      clearTimeout(timer);
      source?.close();
      source = undefined;
    },
  };
}

// --- internal ---

/** As many as the server takes. */
const MOST_CUSTOMERS = 20;
