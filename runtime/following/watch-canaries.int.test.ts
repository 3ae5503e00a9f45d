import { expect, test } from "vitest";
import { createKnownCanaries } from "../../engine/canaries/canary-watch.ts";
import { createMetrics } from "../../telemetry/metrics.ts";
import { NOW } from "../../testing/builders.ts";
import { openOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { until } from "../../testing/service.ts";
import { watchCanaries } from "./watch-canaries.ts";

const POLICY = policyOf("moments: {m: {on: go, expires: 1d}}\nlearning: {explore: none}", [
  "id: new\nstatus: canary\ncanary: {share: 100%, guards: [{outcome: complained, max: 1%}], least: 20}",
]);

test("a server stops a canary whose guard is broken at the first look after an outage, and tells how many run", async () => {
  const { runtime, play, rows } = await openOperated(POLICY);
  await using _closed = runtime;
  const { store } = runtime;
  await play(Array.from({ length: 30 }, (_, n) => [new Date(NOW - n * 60_000).toISOString(), "go", { subject: `c-${n}` }] as const));
  await rows(
    "insert into outcomes (delivery_id, customer_id, kind, experience_id, channel, at, reward) select delivery_id, customer_id, 'complained', experience_id, channel, reserved_at, 0 from deliveries limit 8",
  );
  let isDown = true;
  const tally: typeof store.canaries.tally = (question) =>
    isDown ? Promise.reject(new Error("the connection was lost")) : store.canaries.tally(question);
  const ticks = new Map<number, () => void>();
  const failures: unknown[] = [];
  const warnings: string[] = [];
  const metrics = createMetrics();
  const canaries = createKnownCanaries(store);
  const watching = watchCanaries(
    {
      store: { ...store, canaries: { ...store.canaries, tally } },
      catalogue: { current: () => ({ policy: POLICY, now: () => NOW }), whyNot: () => undefined },
      canaries,
    },
    { files: () => expect.fail("nothing is published"), publish: () => expect.fail("nothing is published") },
    {
      ...{ metrics, works: true, log: { warn: (message) => void warnings.push(message) } },
      outages: { report: (error) => void failures.push(error) },
      startTimer: (tick, everyMs) => {
        ticks.set(everyMs, tick);
        return () => {};
      },
    },
  );
  const look = (): void => ticks.get(Math.max(...ticks.keys()))?.();
  const running = async (): Promise<string[]> => (await metrics.text()).split("\n").filter((line) => line.startsWith("sentient_canaries_"));
  expect(Math.max(...ticks.keys())).toBeLessThanOrEqual(60_000);
  look();
  await until(() => failures.length === 1, "the look that fails");
  expect([await running(), warnings]).toEqual([["sentient_canaries_running 1"], []]);
  isDown = false;
  look();
  await until(() => warnings.length === 1, "the look that succeeds");
  await watching.close();
  expect(warnings).toEqual(["a guard stopped a canary"]);
  expect(await running()).toEqual(["sentient_canaries_stopped_total 1", "sentient_canaries_running 0"]);
  const [kept] = await store.canaries.list();
  expect(canaries.stateOf(kept?.life ?? "")?.stopped?.why).toMatch(/^8 of 30 /);
});
