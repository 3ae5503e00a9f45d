import { InfiniteQueryObserver, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import { lookAgain } from "./look-again.ts";

const release: (() => void)[] = [];
afterEach(() => {
  for (const one of release.splice(0)) one();
});

/** A server whose state the test changes; each request is answered, when the test lets it, with the state it found. */
function serving() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: "always" } } });
  let state = "before";
  const open: (() => void)[] = [];
  const answer = (): Promise<string> => {
    const found = state;
    return new Promise((resolve) => open.push(() => resolve(found)));
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    ...{ client, answer, open, settle },
    change: () => {
      state = "after";
    },
    async answerAll() {
      for (const one of open.splice(0)) one();
      await settle();
    },
    observe(topic: string) {
      const observer = new QueryObserver(client, { queryKey: [topic], queryFn: answer });
      release.push(observer.subscribe(() => {}));
      return () => observer.getCurrentResult().data;
    },
  };
}

const isPauses = ([topic]: readonly unknown[]): boolean => topic === "pauses";

test("a change while the first read is under way is read after it", async () => {
  const { client, change, observe, answerAll, open } = serving();
  const shown = observe("pauses");
  change();
  let isDone = false;
  void lookAgain(client, isPauses).then(() => {
    isDone = true;
  });
  await answerAll();
  expect([shown(), open.length, isDone]).toEqual(["before", 1, false]);
  await answerAll();
  expect([shown(), isDone]).toEqual(["after", true]);
});

test("a change while a refetch is under way replaces it", async () => {
  const { client, change, observe, answerAll, open } = serving();
  const shown = observe("pauses");
  await answerAll();
  void client.invalidateQueries();
  change();
  void lookAgain(client, isPauses);
  expect(open).toHaveLength(2);
  await answerAll();
  expect(shown()).toBe("after");
});

test("a change while the next page loads keeps that page, and reads the list again after it", async () => {
  const { client, change, answer, answerAll } = serving();
  const list = new InfiniteQueryObserver(client, {
    queryKey: ["pauses"],
    queryFn: answer,
    initialPageParam: 0,
    getNextPageParam: (_page, pages) => pages.length,
  });
  release.push(list.subscribe(() => {}));
  await answerAll();
  void list.fetchNextPage();
  change();
  void lookAgain(client, isPauses);
  const seen: unknown[] = [];
  for (let n = 0; n < 3; n++) {
    await answerAll();
    seen.push(list.getCurrentResult().data?.pages);
  }
  expect(seen).toEqual([
    ["before", "before"],
    ["before", "before"],
    ["after", "after"],
  ]);
});

test("other reads are left alone, and a first read that fails does not end the look", async () => {
  const { client, observe, answerAll, open, settle } = serving();
  const failing = new QueryObserver(client, { queryKey: ["pauses"], queryFn: () => Promise.reject(new Error("no connection")) });
  release.push(failing.subscribe(() => {}));
  observe("tasks");
  await lookAgain(client, isPauses);
  await settle();
  expect(open).toHaveLength(1);
  await answerAll();
});
