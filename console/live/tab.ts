import type { FirstReads } from "../api/first-reads.ts";
import type { Hint } from "./hints.ts";
import type { Refresher } from "./refresher.ts";
import type { Status, Stream, StreamOptions } from "./stream.ts";

/** Messages between the tabs of a browser. */
export type Message =
  | { readonly kind: "hint"; readonly hint: Hint }
  /** `isNew`: it has just become so, and what changed before is unknown. */
  | { readonly kind: "status"; readonly status: Status; readonly isNew: boolean }
  /** The customers whom the tab `from` shows. */
  | { readonly kind: "shows"; readonly from: string; readonly customerIds: readonly string[] }
  /** From the tab that leads from now on: say what you show. */
  | { readonly kind: "leads" };

export interface TabOptions {
  readonly id: string;
  /** Sends to all other tabs. */
  readonly post: (message: Message) => void;
  readonly openStream: (options: Pick<StreamOptions, "customerIds" | "onHint" | "onStatus">) => Stream;
  readonly refresher: Pick<Refresher, "take" | "takeAll">;
  readonly reads: Pick<FirstReads, "open" | "isOpen">;
  /** The customers whom this tab shows. */
  readonly shown: () => readonly string[];
  readonly onStatus: (status: Status) => void;
}

/** A tab among those of its browser, of which one has the stream. */
export interface Tab {
  /** Takes a message of another tab. */
  take(message: Message): void;
  /** Says what it shows: at its beginning and when that changes. */
  show(): void;
  /** Opens the stream for all tabs; returns its end. */
  lead(): () => void;
  leave(): void;
}

export function createTab({ id, post, openStream, refresher, reads, shown, onStatus }: TabOptions): Tab {
  /** What was read before the tab listened may be older than the hints it hears. */
  let mayHaveMissed = reads.isOpen();
  let leader: Leader | undefined;
  const takeStatus = ({ status, isNew }: Extract<Message, { kind: "status" }>): void => {
    onStatus(status);
    const hasRead = reads.open();
    if (!status.isLive) return;
    if (isNew ? hasRead : mayHaveMissed) refresher.takeAll(shown());
    mayHaveMissed = false;
  };
  const take = (message: Message): void => {
    if (message.kind === "hint") refresher.take(message.hint);
    else if (message.kind === "status") takeStatus(message);
    else if (message.kind === "leads") post(showing());
    else leader?.shows(message.from, message.customerIds);
  };
  const showing = (customerIds = shown()): Message => ({ kind: "shows", from: id, customerIds });
  const tell = (message: Message): void => {
    post(message);
    take(message);
  };
  return {
    take,
    show: () => tell(showing()),
    lead() {
      const led = createLeader(openStream, { id, shown: shown() }, tell);
      leader = led;
      post({ kind: "leads" });
      return () => {
        leader = undefined;
        led.close();
      };
    },
    leave: () => tell(showing([])),
  };
}

// --- internal ---

interface Leader extends Pick<Stream, "close"> {
  shows(tab: string, customerIds: readonly string[]): void;
}

/** The part of the tab that has the stream of the browser. */
function createLeader(
  openStream: TabOptions["openStream"],
  own: { readonly id: string; readonly shown: readonly string[] },
  tell: (message: Message) => void,
): Leader {
  const byTab = new Map([[own.id, own.shown]]);
  let status: Status | undefined;
  const stream = openStream({
    customerIds: own.shown,
    onHint: (hint) => tell({ kind: "hint", hint }),
    onStatus: (now) => {
      status = now;
      tell({ kind: "status", status: now, isNew: true });
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
