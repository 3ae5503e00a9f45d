import { expect, test } from "vitest";
import { iso, MINUTE } from "../../domain/values/time.ts";
import { NOW } from "../../testing/builders.ts";
import { openOperated } from "../../testing/operated-store.ts";
import { policyOf } from "../../testing/policy.ts";
import { GUARDS, triedIn } from "../canaries/canary-watch.ts";

const POLICY = policyOf("moments: {m: {on: go, expires: 30d}}\nlearning: {explore: none}", [
  "id: new\nvalue: 9\nstatus: canary\ncanary: {share: 100%}\neligibility: [{when: customer.tier != 'tin', reason: not tin}]",
  "id: old\nvalue: 1",
]);

test("what if on decisions before and after a canary was stopped, by guards that saw other customers", async () => {
  const { runtime, lookUps, play } = await openOperated(POLICY);
  await using _closed = runtime;
  const { store } = runtime;
  const went = async (subject: string, at: number) => (await play([[iso(at), "go", { subject, traits: { tier: "gold" } }]]))[0];
  const before = await went("c-1", NOW - 20 * MINUTE);
  const life = triedIn(POLICY)[0]?.canary.life ?? "";
  const at = NOW - 10 * MINUTE;
  await store.canaries.stop(
    { life, at, by: GUARDS, why: "3 of 200 complained", readings: [] },
    { at, by: GUARDS, action: "canary_stopped", target: "new", details: {} },
    { taskId: "t-1", queue: "sales", summary: "stopped", facts: {}, at, due: at },
  );
  const after = await went("c-2", NOW);
  expect([before?.experienceId, after?.experienceId]).toEqual(["new", "old"]);
  const ask = async (id = "", tier = "gold") => {
    const { after: is, same } = await lookUps.decisions.whatIf({ id, set: { tier } });
    return [is?.experienceId, same];
  };
  expect(await ask(before?.decisionId)).toEqual(["new", true]);
  expect(await ask(before?.decisionId, "tin")).toEqual(["old", false]);
  expect(await ask(after?.decisionId)).toEqual(["old", true]);
});
