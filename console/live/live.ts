import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { apiUrl, consolePath } from "../api/client.ts";
import { read } from "../api/queries.ts";
import { concerns, customerOf, type Hint, hintsBetween } from "./hints.ts";
import { createRefresher, type Refresher } from "./refresher.ts";
import { type Message, openStream, type Status, type Stream } from "./stream.ts";

// One stream a browser: the tab that holds a lock has it open and tells the others. Hints say that something has changed; each tab
// looks again at what it shows of that.

/** The state of the connection as the reader sees it. */
export interface Live {
  readonly status: Status;
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

let live: Live = { status: { isLive: true }, isHeld: false };
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
  const tab = crypto.randomUUID();
  const name = `sentient live ${consolePath()}`;
  const channel = new BroadcastChannel(name);
  const ended = new AbortController();
  const refreshes = createRefresher({
    clock: { now: Date.now, after: (ms, run) => void setTimeout(run, ms) },
    isHidden: () => document.hidden,
    look: (hint) => client.invalidateQueries({ predicate: ({ queryKey }) => concerns(hint, queryKey) }),
  });
  refresher = refreshes;
  const shown = watchCustomers(client, (customerIds) => tell({ kind: "shows", from: tab, customerIds }));
  let lead: Leader | undefined;
  const take = (message: Message): void => {
    if (message.kind === "hint") refreshes.take(message.hint);
    else if (message.kind === "status") {
      set({ status: message.status });
      if (message.isNew) refreshes.takeAll(shown.ids());
    } else if (message.kind === "leads") tell({ kind: "shows", from: tab, customerIds: shown.ids() });
    else lead?.shows(message.from, message.customerIds);
  };
  const tell = (message: Message): void => {
    channel.postMessage(message);
    if (message.kind !== "leads") take(message);
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => take(data);
  const leading = async (): Promise<void> => {
    lead = createLeader(tell);
    lead.shows(tab, shown.ids());
    tell({ kind: "leads" });
    await new Promise((resolve) => ended.signal.addEventListener("abort", resolve));
    lead.close();
  };
  navigator.locks.request(name, { signal: ended.signal }, leading).catch(() => {});
  const seen = (): void => {
    if (!document.hidden) refreshes.catchUp();
  };
  const leave = (): void => tell({ kind: "shows", from: tab, customerIds: [] });
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("pagehide", leave);
  const polling = setInterval(() => void poll(client, refreshes), POLL_MS);
  return () => {
    leave();
    clearInterval(polling);
    document.removeEventListener("visibilitychange", seen);
    window.removeEventListener("pagehide", leave);
    shown.stop();
    ended.abort();
    channel.close();
  };
}

interface Leader extends Pick<Stream, "close"> {
  shows(tab: string, customerIds: readonly string[]): void;
}

/** The tab that has the stream of the browser. */
function createLeader(tell: (message: Message) => void): Leader {
  const byTab = new Map<string, readonly string[]>();
  let status: Status | undefined;
  const stream = openStream({
    urlOf: (ids) => `${apiUrl("/v1/stream")}${ids.length > 0 ? `?${new URLSearchParams(ids.map((id) => ["customer", id]))}` : ""}`,
    onHint: (hint: Hint) => tell({ kind: "hint", hint }),
    onStatus: (now, isNew) => {
      status = now;
      tell({ kind: "status", status: now, isNew });
    },
  });
  return {
    close: stream.close,
    shows(tab, customerIds) {
      const isNew = !byTab.has(tab);
      byTab.set(tab, customerIds);
      stream.show([...byTab.values()].flat());
      // A tab that has just been opened does not know yet.
      if (isNew && status !== undefined) tell({ kind: "status", status, isNew: false });
    },
  };
}

/** The customers whom active queries are about. */
function watchCustomers(client: QueryClient, onChange: (ids: readonly string[]) => void) {
  const ids = (): string[] =>
    client
      .getQueryCache()
      .getAll()
      .filter((query) => query.isActive())
      .flatMap(({ queryKey }) => customerOf(queryKey) ?? [])
      .filter((id, place, all) => all.indexOf(id) === place);
  let before = "";
  const stop = client.getQueryCache().subscribe(() => {
    const now = ids();
    if (now.join("\n") === before) return;
    before = now.join("\n");
    onChange(now);
  });
  return { ids, stop };
}

/** Without a stream: what differs in the overview has changed. */
async function poll(client: QueryClient, refreshes: Refresher): Promise<void> {
  if (live.status.isLive || live.isHeld || document.hidden) return;
  const overview = read<Readonly<Record<string, unknown>>>("overview", "/v1/overview");
  const before = client.getQueryData(overview.queryKey);
  const after = await client.fetchQuery({ ...overview, staleTime: 0, retry: false }).catch(() => undefined);
  if (after === undefined) return;
  for (const hint of before === undefined ? [] : hintsBetween(before, after)) refreshes.take(hint);
}
