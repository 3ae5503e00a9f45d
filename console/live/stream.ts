import type { Hint } from "./hints.ts";

/** Whether changes are heard as they happen, or since when not. */
export type Status = { readonly isLive: true } | { readonly isLive: false; readonly since: number };

/** A connection of server-sent events: the part of `EventSource` that is used here. */
export interface Source {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

/** Of the browser; tests have their own. */
export interface Surroundings {
  readonly connect: (url: string) => Source;
  readonly now: () => number;
  /** Runs once after that time; returns its cancellation. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly random: () => number;
}

export interface StreamOptions {
  /** The address of the stream for these customers. */
  readonly urlOf: (customerIds: readonly string[]) => string;
  /** The customers to begin with. */
  readonly customerIds: readonly string[];
  readonly onHint: (hint: Hint) => void;
  /**
   * Live: changes are heard from now on. Called for each connection, also for one that replaces another without a loss: it may lead to
   * another server, and what changed before it is not heard of.
   */
  readonly onStatus: (status: Status) => void;
  readonly surroundings?: Surroundings;
}

export interface Stream {
  /** Opens it again where customers are among them that it does not hear of. */
  show(customerIds: readonly string[]): void;
  close(): void;
}

/** How long it waits before it tries again, in milliseconds: longer each time. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];
/** Opening a page changes what is shown several times. */
const SETTLE_MS = 300;
/** A proxy that collects an answer before it passes it on never passes on a stream, and does not say so. */
export const HELLO_MS = 10_000;

/** The stream of one browser, which opens itself again. */
export function openStream({ urlOf, customerIds: first, onHint, onStatus, surroundings = BROWSER }: StreamOptions): Stream {
  const { connect, now, after, random } = surroundings;
  /** The connections, oldest first: one is kept until the next one has said hello. */
  const sources = new Set<Source>();
  let customerIds = bounded(first);
  let cancelOpening = (): void => {};
  let failures = 0;
  let lostAt: number | undefined;
  const end = (source: Source): void => {
    source.close();
    sources.delete(source);
  };
  const later = (ms: number): void => {
    cancelOpening();
    cancelOpening = after(ms, open);
  };
  const lost = (source: Source): void => {
    const isLatest = [...sources].at(-1) === source;
    end(source);
    if (!isLatest) return;
    for (const one of sources) end(one);
    lostAt ??= now();
    onStatus({ isLive: false, since: lostAt });
    // Many browsers lose a server at once.
    later((RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0) * (0.8 + random() * 0.4));
    failures++;
  };
  function open(): void {
    const source = connect(urlOf(customerIds));
    sources.add(source);
    const giveUp = after(HELLO_MS, () => lost(source));
    source.addEventListener("hello", () => {
      giveUp();
      for (const older of sources) {
        if (older === source) break;
        end(older);
      }
      failures = 0;
      lostAt = undefined;
      onStatus({ isLive: true });
    });
    source.addEventListener("hint", ({ data }) => onHint(JSON.parse(String(data)) as Hint));
    for (const over of ["bye", "error"])
      source.addEventListener(over, () => {
        giveUp();
        lost(source);
      });
  }
  open();
  return {
    show(ids) {
      const wanted = bounded(ids);
      if (wanted.every((id) => customerIds.includes(id))) return;
      customerIds = wanted;
      if (lostAt === undefined) later(SETTLE_MS);
    },
    close() {
      cancelOpening();
      for (const source of sources) end(source);
    },
  };
}

// --- internal ---

const BROWSER: Surroundings = {
  connect: (url) => new EventSource(url) as Source,
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** As many as the server takes. */
const MOST_CUSTOMERS = 20;

const bounded = (ids: readonly string[]): readonly string[] => [...new Set(ids)].sort().slice(0, MOST_CUSTOMERS);
