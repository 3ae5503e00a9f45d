import { expect, test } from "vitest";
import { type GivenSignal, useOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";
import { createRuntime } from "./create-runtime.ts";
import { decideUnder, replay } from "./replay.ts";

// A recorded stream with asks: showings at two places, a hold that is confirmed and one that is not.

const SETTINGS = `
  timezone: UTC
  learning: {explore: none}
  channels:
    web: {kind: pull, places: [hero, banner]}
    tool: {kind: pull, hold: 10m}
  moments: {m: {on: go, expires: 30d}}
`;
const SEASON = "id: season\nserves: [asking]\nchannels: {web: {places: [hero], content: {headline: Hello}}}";
const MARKET = "id: market\nserves: [asking]\nchannels: {web: {places: [banner], content: {headline: Market}}}";
const BASKET = "id: basket\nserves: [m]\nchannels: {tool: {content: {subject: Your basket}}}\nlimits: {perCustomer: 9, window: 30d}";
const POLICY = policyOf(SETTINGS, [SEASON, MARKET, BASKET]);
const OTHER = policyOf(SETTINGS, [`${SEASON}\neligibility: ["false"]`, MARKET, BASKET]);

const at = (time: string): string => `2026-06-01T${time}:00Z`;
const ask = (time: string, channel: string): GivenSignal => [at(time), "sentient.ask", { channel }];

const opened = useOperated(POLICY, {}, [{ id: "c-1" }]);
const open = (policy = POLICY) => createRuntime({ policy, live: false, now: Date.now });

async function played() {
  const first = await opened.play([[at("12:00"), "go"], ask("12:01", "tool"), ask("12:02", "web"), ask("12:03", "web")]);
  const [held] = await opened.rows("select delivery_id from deliveries where channel = 'tool'");
  const more = await opened.play(
    [[at("12:05"), "delivery.sent", { deliveryId: String(held?.delivery_id) }], ask("12:20", "tool")],
    at("13:00"),
  );
  return [...first, ...more];
}

test("every place of every ask is decided again alike, and holds behave the same", async () => {
  const decisions = await played();
  expect(decisions.filter(({ wake }) => wake.kind === "ask")).toHaveLength(6);
  const source = opened.runtime.store;
  await using runtime = await open();
  const { same, differences, totals } = await replay({ source, runtime, policy: POLICY });
  expect(differences).toEqual([]);
  expect([same, totals.after]).toEqual([decisions.length, totals.before]);
  await using other = await open(OTHER);
  const changed = await replay({ source, runtime: other, policy: OTHER });
  expect(changed.differences.map(({ wake, after }) => [wake.kind === "ask" && wake.place, after?.action])).toEqual([
    ["hero", "silence"],
    ["hero", "silence"],
  ]);
});

test("one place of an ask is decided under another workspace from the same state", async () => {
  const decisions = await played();
  const hero = decisions.find(({ wake }) => wake.kind === "ask" && wake.place === "hero");
  const banner = decisions.find(({ wake }) => wake.kind === "ask" && wake.place === "banner");
  if (!hero || !banner) throw new Error("nothing was asked");
  for (const [decision, policy, action] of [
    [hero, OTHER, "silence"],
    [banner, OTHER, "deliver"],
    [hero, POLICY, "deliver"],
  ] as const) {
    await using runtime = await open();
    const under = await decideUnder(decision, policy, { source: opened.runtime.store, runtime, policy: POLICY });
    expect(under).toMatchObject({ action, wake: decision.wake });
  }
});
