import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Decision } from "../../domain/entities/decision.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { DAY, iso, MINUTE } from "../../domain/values/time.ts";
import { bodyHashOf, type SignalLine } from "../../intake/read-signals.ts";
import { createRuntime, type Runtime } from "../../runtime/create-runtime.ts";
import { policyOf } from "../../testing/policy.ts";
import { type RunStreamOptions, runStream } from "../run-stream.ts";

const SETTINGS = "moments: {m: {on: go, expires: 1d}}\nlearning: {explore: none}";
const OLD = "id: old\nvalue: 1";
const NEW = "id: new\nname: New\ndepartment: sales\nvalue: 9\nstatus: canary";
const GUARDED = `${NEW}\ncanary: {share: 100%, for: 2d, guards: [{outcome: complained, max: 1%}], least: 20, then: approve}`;
const START = Date.UTC(2026, 5, 1, 15);

const policies = { guarded: policyOf(SETTINGS, [OLD, GUARDED]), half: policyOf(SETTINGS, [OLD, GUARDED.replace("100%", "50%")]) };
const runtimes = new Map<keyof typeof policies, Runtime>();
beforeAll(async () => {
  for (const [name, policy] of Object.entries(policies) as [keyof typeof policies, (typeof policies)["half"]][])
    runtimes.set(name, await createRuntime({ policy, live: false, now: Date.now }));
});
beforeEach(async () => {
  for (const { store } of runtimes.values()) await store.clear();
});
afterAll(async () => {
  for (const runtime of runtimes.values()) await runtime.close();
});

function aLine(type: string, subject: string, time: number, data: JsonObject = {}): SignalLine {
  const event = { specversion: "1.0", id: `${type}-${subject}-${time}`, source: "test", type, subject, time: iso(time), data } as const;
  return { line: 1, event, time, bodyHash: bodyHashOf(event) };
}

const goes = (from: number, count: number, at = START) =>
  Array.from({ length: count }, (_, n) => aLine("go", `c-${from + n}`, at + n * MINUTE));

async function played(
  name: keyof typeof policies,
  lines: readonly SignalLine[],
  options: Partial<RunStreamOptions> = {},
): Promise<Decision[]> {
  const { store, decider } = runtimes.get(name) ?? expect.fail("no such runtime");
  const decisions: Decision[] = [];
  const stream = (async function* () {
    yield* lines;
  })();
  await runStream(stream, { store, decider, onDecision: (one) => void decisions.push(one), ...options });
  return decisions;
}

const complaints = (decisions: readonly Decision[], at: number): SignalLine[] =>
  decisions.map(({ customerId, deliveries }, n) =>
    aLine("delivery.complained", customerId, at + n * MINUTE, { deliveryId: deliveries[0]?.deliveryId ?? "" }),
  );

const chosen = (decisions: readonly Decision[]): string[] => [...new Set(decisions.map(({ experienceId = "none" }) => experienceId))];
const codesOfNew = ({ candidates }: Decision): string[] =>
  candidates.find(({ experienceId }) => experienceId === "new")?.reasons.map(({ code }) => code) ?? [];

test("a broken guard stops it for wakes after the outcome that broke it, with a task for its department and an audit entry", async () => {
  const first = await played("guarded", goes(0, 30));
  expect(chosen(first)).toEqual(["new"]);
  expect(first[0]?.candidates.find(({ experienceId }) => experienceId === "new")).toMatchObject({ verdict: "chosen", canary: true });
  // Complaints and wakes of other customers in turn: each batch of the stream holds both.
  const at = START + 60 * MINUTE;
  const mixed = complaints(first.slice(0, 8), at).flatMap((line, n) => [line, aLine("go", `d-${n}`, at + n * MINUTE)]);
  const then = await played("guarded", mixed);
  const choices = then.map(({ experienceId }) => experienceId);
  const last = choices.lastIndexOf("new");
  expect(last).toBeGreaterThan(0);
  expect(choices.slice(0, last + 1)).toEqual(Array(last + 1).fill("new"));
  expect(choices.slice(last + 1)).toEqual(Array(choices.length - last - 1).fill("old"));
  expect(codesOfNew(then.at(-1) ?? expect.fail())).toEqual(["canary_stopped"]);

  const { store } = runtimes.get("guarded") ?? expect.fail();
  const [kept] = await store.canaries.list();
  expect(kept).toMatchObject({ experienceId: "new", startedAt: START, stopped: { by: "guards", at: at + (last + 1) * MINUTE } });
  expect(kept?.stopped?.why).toMatch(/^\d of \d+ \([0-9.]+ %\) complained, at most 1 %$/);
  const { rows } = await store.operations.tasks({ limit: 5 });
  expect(rows).toMatchObject([{ queue: "sales", summary: `New was stopped while it was tried: ${kept?.stopped?.why}`, state: "open" }]);
  expect(rows[0]).not.toHaveProperty("customerId");
  expect(rows[0]?.facts).toMatchObject({
    sight: ["complained at most 1 %: twice that is seen after about 1,200, 5 times after about 100, 10 times after about 28 deliveries"],
  });
  expect(await store.operations.audit({ limit: 5 })).toMatchObject([{ by: "guards", action: "canary_stopped", target: "new" }]);
  // It stays stopped.
  expect(chosen(await played("guarded", goes(100, 3, START + DAY)))).toEqual(["old"]);
});

test("the result does not depend on how wakes are batched", async () => {
  const story = async (batch: number) => {
    await runtimes.get("half")?.store.clear();
    const first = await played("half", goes(0, 60), { batch });
    const inside = first.filter(({ experienceId }) => experienceId === "new");
    const at = START + 90 * MINUTE;
    const mixed = complaints(inside.slice(0, 6), at).flatMap((line, n) => [line, aLine("go", `d-${n}`, at + n * MINUTE)]);
    const lines = [...mixed, ...goes(100, 20, START + DAY)];
    return [...first, ...(await played("half", lines, { batch }))].map(({ customerId, experienceId, candidates }) => ({
      customerId,
      experienceId,
      candidates,
    }));
  };
  const one = await story(1);
  expect(await story(64)).toEqual(one);
  expect(new Set(one.map(({ experienceId }) => experienceId))).toEqual(new Set(["new", "old"]));
});

test("once its time is over it is for everybody, if it had enough deliveries and no guard is broken", async () => {
  expect(chosen(await played("half", goes(0, 60)))).toEqual(expect.arrayContaining(["new", "old"]));
  expect(chosen(await played("half", goes(100, 20, START + 2 * DAY - 60 * MINUTE)))).toContain("old");
  expect(chosen(await played("half", goes(200, 20, START + 2 * DAY)))).toEqual(["new"]);
});

test("with too few deliveries it stays a canary", async () => {
  await played("half", goes(0, 10));
  expect(chosen(await played("half", goes(200, 15, START + 3 * DAY)))).toContain("old");
});

test("what people did where the stream was recorded holds from its own time on", async () => {
  const life = policies.guarded.experiences.find(({ id }) => id === "new")?.canary?.life ?? "";
  const stopped = { at: START + 5 * MINUTE, by: "ann", why: "stopped by ann", readings: [] };
  const decisions = await played("guarded", goes(0, 10), { byPeople: [{ life, experienceId: "new", startedAt: START, stopped }] });
  expect(decisions.map(({ experienceId }) => experienceId)).toEqual([...Array(5).fill("new"), ...Array(5).fill("old")]);
  // A stop by guards is derived again from the outcomes, and not taken over.
  await runtimes.get("guarded")?.store.clear();
  const byGuards = { life, experienceId: "new", startedAt: START, stopped: { ...stopped, by: "guards" } };
  expect(chosen(await played("guarded", goes(0, 10), { byPeople: [byGuards] }))).toEqual(["new"]);
});

test("an approval by a person where the stream was recorded holds from its own time on", async () => {
  const life = policies.half.experiences.find(({ id }) => id === "new")?.canary?.life ?? "";
  const approved = { at: START + 10 * MINUTE, by: "ann" };
  const decisions = await played("half", goes(0, 20), { byPeople: [{ life, experienceId: "new", startedAt: START, approved }] });
  expect(chosen(decisions.slice(0, 10)).sort()).toEqual(["new", "old"]);
  expect(chosen(decisions.slice(10))).toEqual(["new"]);
});
