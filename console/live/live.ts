import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { apiUrl, consolePath, get } from "../api/client.ts";
import { firstReads } from "../api/first-reads.ts";
import { lookAgain } from "../api/look-again.ts";
import { concerns, customerOf } from "./hints.ts";
import { createPolling } from "./polling.ts";
import { createRefresher, type Refresher } from "./refresher.ts";
import { openStream, type Status } from "./stream.ts";
import { createTab, type Message } from "./tab.ts";

// One stream a browser: the tab that holds a lock has it open and tells the others. Hints say that something has changed; each tab
// looks again at what it shows of that.

/** The state of the connection as the reader sees it; no status until it is known. */
export interface Live {
  readonly status: Status | undefined;
  readonly isHeld: boolean;
}

/** Listens to changes while the component is there. */
export function useLiveUpdates(isSignedIn: boolean): void {
  const client = useQueryClient();
  useEffect(() => (isSignedIn ? start(client) : undefined), [client, isSignedIn]);
}

export const useLive = (): Live => useSyncExternalStore(subscribe, current, current);

/** Keeps the page as it is, or lets it follow again. */
export function holdLive(isHeld: boolean): void {
  set({ isHeld });
  refresher?.hold(isHeld);
}

// --- internal ---

let live: Live = { status: undefined, isHeld: false };
let refresher: Refresher | undefined;
const listeners = new Set<() => void>();
const current = (): Live => live;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(changed: Partial<Live>): void {
  live = { ...live, ...changed };
  for (const listener of listeners) listener();
}

/** How often a page asks while it hears nothing, in milliseconds. */
const POLL_MS = 5_000;

function start(client: QueryClient): () => void {
  const name = `sentient live ${consolePath()}`;
  const channel = new BroadcastChannel(name);
  const ended = new AbortController();
  const refreshes = createRefresher({
    clock: { now: Date.now, after: (ms, run) => void setTimeout(run, ms) },
    isHidden: () => document.hidden,
    look: (hint) => lookAgain(client, (queryKey) => concerns(hint, queryKey)),
  });
  refresher = refreshes;
  refreshes.hold(live.isHeld);
  const shown = watchCustomers(client, () => tab.show());
  const tab = createTab({
    id: crypto.randomUUID(),
    post: (message) => channel.postMessage(message),
    openStream: (options) =>
      openStream({ ...options, urlOf: (ids) => `${apiUrl("/v1/stream")}${ids.length > 0 ? `?${customerQuery(ids)}` : ""}` }),
    ...{ refresher: refreshes, reads: firstReads, shown: shown.ids },
    onStatus: (status) => set({ status }),
  });
  channel.onmessage = ({ data }: MessageEvent<Message>) => tab.take(data);
  tab.show();
  const leading = async (): Promise<void> => {
    const stop = tab.lead();
    await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
    stop();
  };
  navigator.locks.request(name, { signal: ended.signal }, leading).catch(() => {});
  const polling = createPolling({
    ask: () => get<Readonly<Record<string, unknown>>>("/v1/overview").catch(() => undefined),
    ...{ refresher: refreshes, shown: shown.ids },
  });
  const timer = setInterval(() => {
    if (live.status?.isLive) polling.rest();
    else if (!live.isHeld && !document.hidden) void polling.poll();
  }, POLL_MS);
  const page = new AbortController();
  const on = { signal: page.signal };
  document.addEventListener("visibilitychange", () => document.hidden || refreshes.catchUp(), on);
  window.addEventListener("pagehide", tab.leave, on);
  // The browser may bring a page back as it was, and has ended its connections meanwhile.
  window.addEventListener(
    "pageshow",
    ({ persisted }) => {
      if (!persisted) return;
      tab.show();
      refreshes.takeAll(shown.ids());
    },
    on,
  );
  return () => {
    tab.leave();
    clearInterval(timer);
    page.abort();
    shown.stop();
    ended.abort();
    channel.close();
    set({ status: undefined });
  };
}

const customerQuery = (ids: readonly string[]): string => new URLSearchParams(ids.map((id) => ["customer", id])).toString();

/** The customers whom active queries are about. */
function watchCustomers(client: QueryClient, onChange: () => void) {
  const ids = (): string[] =>
    client
      .getQueryCache()
      .getAll()
      .filter((query) => query.isActive())
      .flatMap(({ queryKey }) => customerOf(queryKey) ?? [])
      .filter((id, place, all) => all.indexOf(id) === place);
  let before = ids().join("\n");
  const stop = client.getQueryCache().subscribe(() => {
    const now = ids().join("\n");
    if (now === before) return;
    before = now;
    onChange();
  });
  return { ids, stop };
}
