import { expect, test } from "vitest";
import { createFirstReads } from "../api/first-reads.ts";
import type { Hint } from "./hints.ts";
import type { Status } from "./stream.ts";
import { createTab, type Message, type Tab } from "./tab.ts";

const LOST: Status = { isLive: false, since: 42 };

/** Tabs of one browser, of which the test says who has the stream and what that hears. */
function browsing() {
  const tabs = new Map<string, Tab>();
  const streams: { readonly shows: string[]; hint(hint: Hint): void; status(status: Status): void; isClosed: boolean }[] = [];
  return {
    streams,
    open(id: string, { shown = [] as string[], hasRead = false } = {}) {
      const reads = createFirstReads(() => {});
      if (hasRead) reads.open();
      const looks: string[] = [];
      const statuses: Status[] = [];
      const tab = createTab({
        id,
        post: (message: Message) => [...tabs].filter(([other]) => other !== id).map(([, other]) => other.take(structuredClone(message))),
        openStream({ customerIds, onHint, onStatus }) {
          const stream = { shows: [customerIds.join(",")], hint: onHint, status: onStatus, isClosed: false };
          streams.push(stream);
          return {
            show: (ids) => void stream.shows.push(ids.join(",")),
            close: () => {
              stream.isClosed = true;
            },
          };
        },
        refresher: {
          take: ({ topic, customerId }) => looks.push(customerId ?? topic),
          takeAll: (ids) => looks.push(["all", ...ids].join(" ")),
        },
        ...{ reads, shown: () => shown, onStatus: (status: Status) => statuses.push(status) },
      });
      tabs.set(id, tab);
      tab.show();
      return {
        ...{ looks, statuses, reads, lead: tab.lead, hide: tab.leave },
        show(...ids: readonly string[]) {
          shown.splice(0, shown.length, ...ids);
          tab.show();
        },
        close() {
          tab.leave();
          tabs.delete(id);
        },
      };
    },
  };
}

test("reads wait for the first hello, so that nothing falls between them and the stream, and nothing is read twice", () => {
  const { open, streams } = browsing();
  const one = open("one");
  one.lead();
  expect([one.reads.isOpen(), one.statuses]).toEqual([false, []]);
  streams[0]?.status({ isLive: true });
  expect([one.reads.isOpen(), one.looks]).toEqual([true, []]);
  streams[0]?.hint({ topic: "pauses" });
  expect(one.looks).toEqual(["pauses"]);
});

test("what was read before the first hello, because that took long, is looked at again", () => {
  const { open, streams } = browsing();
  const one = open("one", { hasRead: true, shown: ["c-1"] });
  one.lead();
  streams[0]?.status({ isLive: true });
  expect(one.looks).toEqual(["all c-1"]);
});

test("a tab that joins hears from the leading one that it is live, or not, and looks again only at what it read before", () => {
  const { open, streams } = browsing();
  const leader = open("leader");
  leader.lead();
  streams[0]?.status({ isLive: true });
  const [early, late] = [open("early"), open("late", { hasRead: true })];
  expect([early.statuses.at(-1), early.reads.isOpen(), early.looks]).toEqual([{ isLive: true }, true, []]);
  expect(late.looks).toEqual(["all"]);
  streams[0]?.status(LOST);
  const during = open("during");
  expect([during.statuses, during.reads.isOpen(), during.looks]).toEqual([[LOST], true, []]);
  streams[0]?.status({ isLive: true });
  for (const tab of [leader, early, during]) expect(tab.looks).toEqual(["all"]);
});

test("when another tab takes over, every tab looks again: what happened between the two streams is unknown", () => {
  const { open, streams } = browsing();
  const [one, two, three] = [open("one"), open("two", { shown: ["c-2"] }), open("three", { shown: ["c-3"] })];
  const stop = one.lead();
  streams[0]?.status({ isLive: true });
  one.close();
  stop();
  expect(streams[0]?.isClosed).toBe(true);
  two.lead();
  streams[1]?.status({ isLive: true });
  expect([two.looks, three.looks]).toEqual([["all c-2"], ["all c-3"]]);
  streams[1]?.hint({ topic: "pauses" });
  expect([two.looks.at(-1), three.looks.at(-1)]).toEqual(["pauses", "pauses"]);
});

test("the stream follows the customers of all tabs, those of closed ones no more", () => {
  const { open, streams } = browsing();
  const one = open("one", { shown: ["c-1"] });
  open("two", { shown: ["c-2"] });
  one.lead();
  expect(streams[0]?.shows).toEqual(["c-1", "c-1,c-2"]);
  const three = open("three");
  three.show("c-3");
  expect(streams[0]?.shows.at(-1)).toBe("c-1,c-2,c-3");
  // The browser keeps a page that was left, and may bring it back as it was.
  three.hide();
  expect(streams[0]?.shows.at(-1)).toBe("c-1,c-2");
  three.show("c-3");
  expect(streams[0]?.shows.at(-1)).toBe("c-1,c-2,c-3");
  three.close();
  expect(streams[0]?.shows.at(-1)).toBe("c-1,c-2");
});
