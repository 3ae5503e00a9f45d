import { expect, test } from "vitest";
import type { Mark } from "../../store/reading/marks.ts";
import { createWatcher, type Listener, MAX_LISTENERS, MAX_OF_OWNER } from "./watcher.ts";

/** A watcher on marks that the test sets, with a timer that it ticks. */
function watching() {
  const marks: Record<string, string> = { tasks: "1", pauses: "0" };
  const read: (readonly string[])[] = [];
  const errors: unknown[] = [];
  const inForce = new Set(["s-1", "s-2"]);
  let sessionReads = 0;
  let failure: unknown;
  /** Readings that take longer, in their order: each goes on, or fails, when the test says so. */
  const slow: Promise<void>[] = [];
  let tick: (() => void) | undefined;
  const watcher = createWatcher({
    marks: {
      read: async (customerIds) => {
        read.push(customerIds);
        await slow.shift();
        if (failure) throw failure;
        const topics = Object.entries(marks).filter(([name]) => !name.startsWith("c-"));
        const customers = customerIds.flatMap((customerId) =>
          marks[customerId] === undefined ? [] : [{ topic: "customer", customerId, mark: marks[customerId] } as Mark],
        );
        return [...topics.map(([topic, mark]) => ({ topic, mark }) as Mark), ...customers];
      },
    },
    sessionIds: async () => {
      sessionReads++;
      return [...inForce];
    },
    onError: (error) => errors.push(error),
    startTimer: (onTick, everyMs) => {
      expect(everyMs).toBe(1_000);
      tick = onTick;
      return () => {
        tick = undefined;
      };
    },
  });
  return {
    ...{ watcher, marks, read, errors, inForce, slow },
    sessionReads: () => sessionReads,
    isRunning: () => tick !== undefined,
    fail: (error: unknown) => {
      failure = error;
    },
    async tick(times = 1) {
      for (let n = 0; n < times; n++) {
        tick?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function listener(customerIds: readonly string[] = [], owner = "ann", sessionId?: string): Listener & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    ...{ owner, customerIds, heard, sessionId },
    onHint: ({ topic, customerId }) => heard.push(customerId ?? topic),
    onAlive: () => heard.push("alive"),
    onBye: () => heard.push("bye"),
  };
}

test("without a listener nothing is read; with several there is one reading a second", async () => {
  const { watcher, read, tick, isRunning } = watching();
  expect(isRunning()).toBe(false);
  const stops = [await watcher.listen(listener()), await watcher.listen(listener()), await watcher.listen(listener())];
  read.length = 0;
  await tick(4);
  expect(read).toHaveLength(4);
  for (const stop of stops) stop();
  expect(isRunning()).toBe(false);
});

test("everyone hears what moved on a topic, and of a customer only who asked for it", async () => {
  const { watcher, marks, tick, read } = watching();
  Object.assign(marks, { "c-1": "1", "c-2": "1" });
  const [all, hers] = [listener(), listener(["c-1"])];
  await watcher.listen(all);
  await watcher.listen(hers);
  await watcher.listen(listener(["c-1", "c-2"]));
  await tick();
  expect(read.at(-1)).toEqual(["c-1", "c-2"]);
  expect([all.heard, hers.heard]).toEqual([[], []]);
  Object.assign(marks, { tasks: "2", "c-1": "2", "c-2": "2" });
  await tick(2);
  expect([all.heard, hers.heard]).toEqual([["tasks"], ["tasks", "c-1"]]);
});

test("a customer is watched from the moment a listener joins, also when a reading is under way then", async () => {
  const { watcher, marks, tick } = watching();
  marks["c-1"] = "1";
  await watcher.listen(listener());
  const hers = listener(["c-1"]);
  const ticked = tick();
  await watcher.listen(hers);
  await ticked;
  marks["c-1"] = "2";
  await tick();
  expect(hers.heard).toEqual(["c-1"]);
});

test("what changed while nobody listened is no news to the next listener", async () => {
  const { watcher, marks, tick } = watching();
  (await watcher.listen(listener()))();
  marks.tasks = "2";
  const late = listener();
  await watcher.listen(late);
  await tick();
  expect(late.heard).toEqual([]);
  marks.tasks = "3";
  await tick();
  expect(late.heard).toEqual(["tasks"]);
});

test("a quiet stream says every 15 seconds that it is alive", async () => {
  const { watcher, tick } = watching();
  const one = listener();
  await watcher.listen(one);
  await tick(14);
  expect(one.heard).toEqual([]);
  await tick(16);
  expect(one.heard).toEqual(["alive", "alive"]);
});

test("a reading that fails is reported, and what moved meanwhile is told after it", async () => {
  const { watcher, marks, tick, errors, fail } = watching();
  const one = listener();
  await watcher.listen(one);
  const outage = new Error("no connection");
  fail(outage);
  marks.pauses = "1";
  await tick();
  expect([errors, one.heard]).toEqual([[outage], []]);
  fail(undefined);
  await tick();
  expect(one.heard).toEqual(["pauses"]);
});

test("a first reading that fails refuses the listener and leaves no timer", async () => {
  const { watcher, fail, isRunning } = watching();
  fail(new Error("no connection"));
  await expect(watcher.listen(listener())).rejects.toThrow("no connection");
  expect(isRunning()).toBe(false);
});

test("who joins during the first reading is told what changes from then on, also where that reading sees the change or fails", async () => {
  for (const isFailing of [false, true]) {
    const { watcher, marks, tick, slow } = watching();
    let end = (): void => {};
    slow.push(new Promise((resolve, reject) => (end = isFailing ? () => reject(new Error("no connection")) : resolve)));
    const first = watcher.listen(listener()).catch(() => {});
    const second = listener();
    await watcher.listen(second);
    marks.pauses = "1";
    end();
    await first;
    await tick();
    expect(second.heard).toEqual(["pauses"]);
  }
});

test("one owner has a bounded number of streams, all together too, and one that is closed makes room", async () => {
  const { watcher } = watching();
  const stops = [];
  for (let n = 0; n < MAX_OF_OWNER; n++) stops.push(await watcher.listen(listener()));
  await expect(watcher.listen(listener())).rejects.toMatchObject({ code: "OVERLOADED" });
  stops[0]?.();
  await watcher.listen(listener());
  for (let n = MAX_OF_OWNER; n < MAX_LISTENERS; n++) await watcher.listen(listener([], `person-${n}`));
  await expect(watcher.listen(listener([], "another"))).rejects.toMatchObject({ code: "OVERLOADED" });
});

test("a process that shuts down says goodbye once, and accepts nobody after it", async () => {
  const { watcher, isRunning } = watching();
  const one = listener();
  await watcher.listen(one);
  watcher.drain();
  watcher.drain();
  expect([one.heard, isRunning()]).toEqual([["bye"], false]);
  await expect(watcher.listen(listener())).rejects.toMatchObject({ code: "OVERLOADED" });
});

test("a session that ends here ends its streams at once, and no others", async () => {
  const { watcher, isRunning } = watching();
  const [one, other, byKey] = [listener([], "s-1", "s-1"), listener([], "s-2", "s-2"), listener()];
  for (const each of [one, other, byKey]) await watcher.listen(each);
  watcher.endSession("s-1");
  expect([one.heard, other.heard, byKey.heard, isRunning()]).toEqual([["bye"], [], [], true]);
});

test("a session that another process ended is found by the look that sees its audit entry; until then nobody asks", async () => {
  const { watcher, marks, tick, inForce, sessionReads } = watching();
  marks["audit"] = "1";
  const [one, other] = [listener([], "s-1", "s-1"), listener([], "s-2", "s-2")];
  for (const each of [one, other]) await watcher.listen(each);
  await tick();
  expect(sessionReads()).toBe(1);
  await tick(3);
  expect(sessionReads()).toBe(1);
  inForce.delete("s-1");
  marks["audit"] = "2";
  await tick();
  expect([one.heard, other.heard, sessionReads()]).toEqual([["audit", "bye"], ["audit"], 2]);
});

test("a session whose time is over, or that ended while its stream began, ends it without an audit entry", async () => {
  const { watcher, tick, inForce } = watching();
  const [late, one] = [listener([], "s-0", "s-0"), listener([], "s-1", "s-1")];
  for (const each of [late, one]) await watcher.listen(each);
  await tick();
  expect([late.heard, one.heard]).toEqual([["bye"], []]);
  inForce.delete("s-1");
  await tick(14);
  expect(one.heard).toEqual(["alive", "bye"]);
});

test("streams by a key ask for no session", async () => {
  const { watcher, tick, sessionReads } = watching();
  await watcher.listen(listener());
  await tick(20);
  expect(sessionReads()).toBe(0);
});
