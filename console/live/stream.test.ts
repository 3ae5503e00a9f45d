import { expect, test } from "vitest";
import { HELLO_MS, openStream, type Source } from "./stream.ts";

/** A stream whose connections the test answers, with timers that it runs. */
function streaming(customerIds: readonly string[] = []) {
  const opened: { readonly url: string; isClosed: boolean; say(type: string, data?: unknown): void }[] = [];
  const said: string[] = [];
  let timers: { readonly ms: number; readonly run: () => void }[] = [];
  const stream = openStream({
    customerIds,
    urlOf: (ids) => ids.join(","),
    onHint: ({ topic }) => said.push(topic),
    onStatus: (status) => said.push(status.isLive ? "live" : `lost at ${status.since}`),
    surroundings: {
      connect(url): Source {
        const listeners = new Map<string, (event: { readonly data?: unknown }) => void>();
        const source = {
          ...{ url, isClosed: false },
          say: (type: string, data: unknown = {}) => listeners.get(type)?.({ data: JSON.stringify(data) }),
        };
        opened.push(source);
        return {
          addEventListener: (type, listener) => listeners.set(type, listener),
          close: () => {
            source.isClosed = true;
          },
        };
      },
      now: () => 42,
      random: () => 0.5,
      after(ms, run) {
        const timer = { ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((one) => one !== timer);
        };
      },
    },
  });
  return {
    ...{ stream, opened, said },
    /** Runs the timer of this length. */
    pass(ms: number) {
      const timer = timers.find((one) => one.ms === ms);
      timers = timers.filter((one) => one !== timer);
      timer?.run();
      return timer !== undefined;
    },
    open: () => opened.filter(({ isClosed }) => !isClosed).map(({ url }) => url),
  };
}

test("it begins with the customers that are shown, and is live when the server says hello", () => {
  const { opened, said } = streaming(["c-2", "c-1", "c-2"]);
  expect([opened[0]?.url, said]).toEqual(["c-1,c-2", []]);
  opened[0]?.say("hello");
  opened[0]?.say("hint", { topic: "pauses" });
  expect(said).toEqual(["live", "pauses"]);
});

test("for another customer it opens anew; until that says hello the one before is heard, and after it every status is live anew", () => {
  const { stream, opened, said, pass, open } = streaming();
  opened[0]?.say("hello");
  stream.show(["c-1"]);
  stream.show(["c-1", "c-2"]);
  pass(300);
  expect(open()).toEqual(["", "c-1,c-2"]);
  opened[0]?.say("hint", { topic: "pauses" });
  opened[1]?.say("hello");
  expect([said, open()]).toEqual([["live", "pauses", "live"], ["c-1,c-2"]]);
  stream.show(["c-1"]);
  expect(pass(300)).toBe(false);
});

test("the one before may end while the next one connects: that is no loss, since the next one says hello", () => {
  const { stream, opened, said, pass, open } = streaming();
  opened[0]?.say("hello");
  stream.show(["c-1"]);
  pass(300);
  opened[0]?.say("error");
  expect(said).toEqual(["live"]);
  opened[1]?.say("hello");
  expect([said, open()]).toEqual([["live", "live"], ["c-1"]]);
});

test("of three that follow each other quickly none stays open but the last", () => {
  const { stream, opened, pass, open } = streaming();
  opened[0]?.say("hello");
  for (const id of ["c-1", "c-2"]) {
    stream.show([id]);
    pass(300);
  }
  opened[2]?.say("hello");
  expect(open()).toEqual(["c-2"]);
});

test.each(["bye", "error"])("after %s it says since when it is lost, and tries again ever more slowly until hello", (over) => {
  const { opened, said, pass, open } = streaming();
  opened[0]?.say("hello");
  opened[0]?.say(over);
  expect([said, open()]).toEqual([["live", "lost at 42"], []]);
  expect(pass(1_000)).toBe(true);
  opened[1]?.say("error");
  expect(pass(2_000)).toBe(true);
  opened[2]?.say("hello");
  opened[2]?.say("error");
  expect(pass(1_000)).toBe(true);
  expect(said).toEqual(["live", "lost at 42", "lost at 42", "live", "lost at 42"]);
});

test("a connection that never says hello, as through a proxy that collects answers, is lost", () => {
  const { opened, said, pass } = streaming();
  expect(pass(HELLO_MS)).toBe(true);
  expect([said, opened[0]?.isClosed]).toEqual([["lost at 42"], true]);
  expect(pass(1_000)).toBe(true);
  opened[1]?.say("hello");
  expect(pass(HELLO_MS)).toBe(false);
});

test("closed, it closes every connection and opens none", () => {
  const { stream, opened, pass, open } = streaming();
  opened[0]?.say("hello");
  stream.show(["c-1"]);
  pass(300);
  stream.show(["c-2"]);
  stream.close();
  expect([open(), pass(300)]).toEqual([[], false]);
});
