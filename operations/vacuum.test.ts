import { expect, test } from "vitest";
import { MINUTE } from "../domain/values/time.ts";
import type { Store } from "../store/store.ts";
import { silentLog } from "../telemetry/log.ts";
import { createVacuum } from "./vacuum.ts";

/** A vacuum whose timer ticks by hand, and what it does. */
function started(kind: "embedded" | "postgres") {
  const done: string[] = [];
  const query = async (text: string): Promise<void> => void done.push(text);
  const sweep = async (): Promise<void> => void done.push("sweep");
  const store = { leases: { sweep }, database: { kind, pool: { query } } } as unknown as Store;
  let tick = (): void => {};
  let everyMs = 0;
  const vacuum = createVacuum({
    ...{ store, log: silentLog },
    startTimer: (run, ms) => {
      [tick, everyMs] = [run, ms];
      return () => {};
    },
  });
  vacuum.start();
  const ticked = async (): Promise<string[]> => {
    const before = done.length;
    tick();
    await vacuum.stop();
    return done.slice(before);
  };
  return { vacuum, done, ticked, everyMs };
}

test("the embedded engine does one thing at a time, and all of it in a minute", async () => {
  const { vacuum, done, ticked, everyMs } = started("embedded");
  const turns = Math.round(MINUTE / everyMs);
  const seen: string[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const [job = "", ...more] = await ticked();
    expect(more).toEqual([]);
    seen.push(job);
  }
  expect(seen).toEqual(expect.arrayContaining(["sweep", "vacuum deliveries", "analyze deliveries", "vacuum bullmq.job"]));
  expect(new Set(seen).size).toBe(turns);
  expect(await ticked()).toEqual(["sweep"]);
  const before = done.length;
  await vacuum.run();
  expect(done.slice(before)).toEqual(seen);
});

test("on a server, which has autovacuum, leases are swept once a minute", async () => {
  const { ticked, everyMs } = started("postgres");
  expect([everyMs, await ticked(), await ticked()]).toEqual([MINUTE, ["sweep"], ["sweep"]]);
});
