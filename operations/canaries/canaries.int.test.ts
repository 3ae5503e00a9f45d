import { expect, test } from "vitest";
import type { Experience } from "../../domain/entities/policy.ts";
import { byTime, iso } from "../../domain/values/time.ts";
import { createCanaryWatch, createKnownCanaries, triedIn } from "../../engine/canaries/canary-watch.ts";
import { NOW } from "../../testing/builders.ts";
import { openOperated } from "../../testing/operated-store.ts";
import { checkTexts, policyOf } from "../../testing/policy.ts";
import { packFiles } from "../../workspace/versions/version-files.ts";
import { versionOperations } from "../versions/versions.ts";
import { canaryOperations } from "./canaries.ts";

const POLICY = policyOf("", ["id: new\nname: New\ndepartment: sales\nstatus: canary\ncanary: {share: 5%}"]);
const ANN = { by: "ann", note: "wrong price" };
const FILES = packFiles(
  new Map([
    ["sentient.yaml", Buffer.from("version: 1\n")],
    ["experiences/0.yaml", Buffer.from("id: new\nstatus: canary\ncanary: {share: 5%}\n")],
  ]),
);

test("a person stops a canary: state, task without a customer, audit; an approval publishes the changed file and ends the stop", async () => {
  const { runtime, operations, lookUps, customers } = await openOperated(POLICY);
  await using _closed = runtime;
  const { store } = runtime;
  // What is published here is compiled as it is named: only the files matter.
  const compile = () => ({ ...checkTexts(""), policy: { ...POLICY, version: "b".repeat(64) } }) as ReturnType<typeof checkTexts>;
  const versions = versionOperations({ store, now: () => NOW, compile, takesCode: false });
  const canaries = canaryOperations({ store, now: () => NOW, policy: () => POLICY, versions });
  expect(await canaries.list()).toMatchObject([{ experienceId: "new", share: 0.05, state: "running", ending: "stay", deliveries: 0 }]);
  await expect(canaries.stop({ id: "old" }, ANN)).rejects.toThrow(/no experience old in the version in force.*canaries list/);
  await expect(canaries.approve({ id: "new" }, ANN)).rejects.toThrow(/publish the folder first/);

  const stopped = await canaries.stop({ id: "new" }, ANN);
  expect(stopped).toMatchObject({ changed: true, state: "stopped", stopped: { by: "ann", why: "stopped by ann: wrong price" } });
  expect((await canaries.stop({ id: "new" }, ANN)).changed).toBe(false);
  const known = createKnownCanaries(store);
  await known.refresh();
  const life = triedIn(POLICY)[0]?.canary.life ?? "";
  expect(known.stateOf(life)?.stopped?.why).toBe("stopped by ann: wrong price");
  await customers({ id: "c-1" });
  const { rungs, heldBy } = await lookUps.why.show({ customer: "c-1", experience: "new" });
  expect([rungs[0]?.says, heldBy?.stage]).toEqual([expect.stringMatching(/it is a canary: .*stopped by ann: wrong price/), "canary"]);

  const [task, ...others] = await operations.tasks.list({ limit: 5 });
  expect(others).toEqual([]);
  expect(task).toMatchObject({ queue: "sales", summary: "New was stopped while it was tried: stopped by ann: wrong price" });
  expect(task).not.toHaveProperty("customerId");
  const id = task?.taskId ?? "";
  expect(await operations.tasks.claim({ id }, ANN)).toMatchObject({ state: "claimed", claimedBy: "ann", changed: true });
  expect(await operations.tasks.return({ id }, ANN)).toMatchObject({ state: "open", changed: true });
  await expect(operations.tasks.done({ id, contacted: "call" }, ANN)).rejects.toThrow(/about no customer.*leave contacted out/);
  expect(await operations.tasks.done({ id }, ANN)).toMatchObject({ state: "done", endedBy: "ann", changed: true });

  await store.versions.publish(
    { policyVersion: "a".repeat(64), at: NOW, by: "ann", from: "test", files: FILES },
    { at: NOW, by: "ann", action: "published", target: "a", details: {} },
    () => true,
  );
  const approved = await canaries.approve({ id: "new" }, ANN);
  expect(approved).toEqual({ experienceId: "new", changed: true, policyVersion: "b".repeat(64), file: "experiences/0.yaml" });
  expect((await versions.files({ id: approved.policyVersion })).files["experiences/0.yaml"]).toBe("id: new\nstatus: approved\n");
  await known.refresh();
  expect(known.stateOf(life)).toBeUndefined();
  const audit = (await operations.audit.list({ limit: 20 })).map(({ action, target }) => `${action} ${target.slice(0, 3)}`);
  expect(audit.filter((line) => /canary|published/.test(line))).toEqual([
    "canary_stopped new",
    "published a",
    "published bbb",
    "canary_approved new",
  ]);
});

test("a service publishes a canary whose time is over, once it had enough deliveries", async () => {
  const policy = policyOf("", ["id: new\nstatus: canary\ncanary: {share: 100%, for: 1d, least: 0, then: approve}"]);
  const { runtime } = await openOperated(policy);
  await using _closed = runtime;
  const published: string[] = [];
  const publish = async (id: string): Promise<void> => void published.push(id);
  const look = async (at: number): Promise<void> => {
    const watch = createCanaryWatch({ store: runtime.store, policy, publish });
    await watch.begin(at);
    await watch.look(at);
  };
  await look(NOW);
  expect(published).toEqual([]);
  await look(NOW + 86_400_000);
  expect(published).toEqual(["new"]);
});

test("the course of a canary: what each guard had seen by then, and how many deliveries it takes to see more", async () => {
  const guards = "[{outcome: complained, max: 1%}, {success: below, of: others, by: 50%}]";
  const policy = policyOf("channels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 1d}}", [
    `id: new\nserves: [m]\nvalue: 900\nstatus: canary\ncanary: {share: 100%, guards: ${guards}}\nsuccess: {signal: bought, within: 1h}\nchannels: {box: {text: a}}`,
    "id: old\nserves: [m]\nchannels: {box: {text: b}}",
  ]);
  const { runtime, play } = await openOperated(policy);
  await using _closed = runtime;
  const { store } = runtime;
  const at = (minute: number) => iso(NOW + minute * 60_000);
  const canaries = canaryOperations({ store, now: () => NOW, policy: () => policy, versions: { files: fail, publish: fail } });
  expect(await canaries.show({ id: "new" })).toMatchObject({ stays: false, guards: [{}, {}], courses: [{ points: [] }, { points: [] }] });
  const [tried, before] = policy.experiences as [Experience, Experience];
  const replacing = { ...policy, experiences: [{ ...tried, stays: { ...before, id: "new" } }] };
  const replaced = canaryOperations({ store, now: () => NOW, policy: () => replacing, versions: { files: fail, publish: fail } });
  expect(await replaced.list()).toMatchObject([{ stays: true }]);
  const given = await play(Array.from({ length: 10 }, (_, n) => [at(n), "go", { subject: `c-${n}` }]));
  const deliveries = given.map(({ deliveries: [delivery] }) => delivery?.deliveryId);
  await play([
    [at(30), "bought", { subject: "c-0" }],
    [at(90), "delivery.complained", { subject: "c-1", deliveryId: deliveries[1] }],
    [at(100), "delivery.complained", { subject: "c-2", deliveryId: deliveries[2] }],
    [at(120), "nothing", { subject: "c-3" }],
  ]);
  const { guards: now, courses } = await canaries.show({ id: "new" });
  expect(courses.map(({ guard, isLeast, points }) => [guard, isLeast, points.length])).toEqual([
    ["complained at most 1 %", false, 40],
    ["success at most 50 % below others", true, 40],
  ]);
  // The last point is what the guards see now.
  expect(courses.map(({ points }) => points.at(-1))).toMatchObject(now.map(({ events, trials, towards }) => ({ events, trials, towards })));
  const seen = (guard: number) => courses[guard]?.points.map(({ at: when, events, trials }) => [when, events, trials]);
  const upTo = (when: string, minutes: readonly number[]) => minutes.filter((minute) => byTime(at(minute), when) <= 0).length;
  const minutes = Array.from({ length: 10 }, (_, n) => n);
  expect(seen(0)).toEqual(courses[0]?.points.map(({ at: when }) => [when, upTo(when, [90, 100]), upTo(when, minutes)]));
  // The receipts of two begin their hour anew.
  const hours = minutes.filter((minute) => minute !== 1 && minute !== 2).map((minute) => minute + 60);
  expect(seen(1)).toEqual(courses[1]?.points.map(({ at: when }) => [when, upTo(when, [60]), upTo(when, hours)]));
  expect(courses[0]?.points.map(({ bound }) => bound)).toEqual(Array(40).fill(0.01));
  // Nobody got the other one: there is nothing to be below.
  expect(courses[1]?.points.every(({ bound }) => bound === undefined)).toBe(true);
  expect(now[0]?.sight).toContainEqual({ times: 10, deliveries: 34 });
});

const fail = (): never => expect.fail();
