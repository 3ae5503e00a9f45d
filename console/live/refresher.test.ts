import { expect, test } from "vitest";
import { ALL_HINTS } from "./hints.ts";
import { createRefresher } from "./refresher.ts";

/** A refresher with a clock that the test moves, and looks that take as long as it says. */
function refreshing() {
  let now = 1_000_000;
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  let lookMs = 0;
  let isHidden = false;
  const looked: string[] = [];
  const clock = { now: () => now, after: (ms: number, run: () => void) => void timers.push({ at: now + ms, run }) };
  const refresher = createRefresher({
    clock,
    isHidden: () => isHidden,
    look: ({ topic, customerId }) => {
      looked.push(customerId ?? topic);
      return new Promise<void>((resolve) => clock.after(lookMs, resolve));
    },
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    ...refresher,
    looked,
    looksTake: (ms: number) => {
      lookMs = ms;
    },
    see: (seen: boolean) => {
      isHidden = !seen;
      if (seen) refresher.catchUp();
    },
    async pass(ms: number) {
      const end = now + ms;
      for (;;) {
        await settle();
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
  };
}

test("the first hint is looked at at once, more of the same topic once a second", async () => {
  const { take, looked, pass } = refreshing();
  take({ topic: "tasks" });
  expect(looked).toEqual(["tasks"]);
  for (let n = 0; n < 50; n++) {
    take({ topic: "tasks" });
    await pass(100);
  }
  expect(looked.length).toBeLessThanOrEqual(6);
  expect(looked.length).toBeGreaterThanOrEqual(5);
  await pass(2_000);
  const after = looked.length;
  await pass(60_000);
  expect(looked.length).toBe(after);
});

test("topics and customers do not wait for each other", async () => {
  const { take, looked } = refreshing();
  take({ topic: "tasks" });
  take({ topic: "pauses" });
  take({ topic: "customer", customerId: "c-1" });
  take({ topic: "customer", customerId: "c-2" });
  expect(looked).toEqual(["tasks", "pauses", "c-1", "c-2"]);
});

test("a hint during a look is not lost, and two looks at one topic never overlap", async () => {
  const { take, looked, looksTake, pass } = refreshing();
  looksTake(300);
  take({ topic: "tasks" });
  await pass(100);
  take({ topic: "tasks" });
  expect(looked).toEqual(["tasks"]);
  await pass(10_000);
  expect(looked).toEqual(["tasks", "tasks"]);
});

test("a slow server is asked less often: looking takes a twentieth of the time", async () => {
  const { take, looked, looksTake, pass } = refreshing();
  looksTake(500);
  for (let n = 0; n < 600; n++) {
    take({ topic: "decisions" });
    await pass(100);
  }
  expect(looked.length).toBeLessThanOrEqual(7);
});

test("decisions that go on and on are looked at ever less often, up to every ten seconds, and at once again after a pause", async () => {
  const { take, looked, pass } = refreshing();
  for (let n = 0; n < 1_200; n++) {
    take({ topic: "decisions" });
    await pass(100);
  }
  expect(looked.length).toBeGreaterThanOrEqual(13);
  expect(looked.length).toBeLessThanOrEqual(17);
  await pass(30_000);
  const before = looked.length;
  take({ topic: "decisions" });
  expect(looked.length).toBe(before + 1);
  await pass(1_000);
  take({ topic: "decisions" });
  expect(looked.length).toBe(before + 2);
});

test("a hidden page does not ask, and looks once at each thing when it is seen again", async () => {
  const { take, looked, see, pass } = refreshing();
  see(false);
  for (let n = 0; n < 10; n++) {
    take({ topic: "tasks" });
    take({ topic: "dead" });
    await pass(1_000);
  }
  expect(looked).toEqual([]);
  see(true);
  await pass(5_000);
  expect(looked).toEqual(["tasks", "dead"]);
});

test("while it is held nothing is looked at; released, it catches up", async () => {
  const { take, hold, looked, pass } = refreshing();
  hold(true);
  take({ topic: "tasks" });
  await pass(5_000);
  expect(looked).toEqual([]);
  hold(false);
  expect(looked).toEqual(["tasks"]);
});

test("after a gap everything is looked at", async () => {
  const { takeAll, looked } = refreshing();
  takeAll(["c-1"]);
  expect(looked).toEqual([...ALL_HINTS.map(({ topic }) => topic), "c-1"]);
});
