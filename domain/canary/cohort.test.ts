import { expect, test } from "vitest";
import { NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import type { Experience } from "../entities/policy.ts";
import { type Canaries, type CanaryState, isInShare, NO_NEWS, policyFor } from "./cohort.ts";

const POLICY = policyOf("moments: {m: {on: go, expires: 1d}}\nchannels: {box: {kind: file}}", [
  "id: new\nstatus: canary\ncanary: {share: 30%}",
  "id: old",
]);
const LIFE = POLICY.experiences.find(({ id }) => id === "new")?.canary?.life ?? "";
const CUSTOMERS = Array.from({ length: 2_000 }, (_, place) => `c-${place}`);
const INSIDE = CUSTOMERS.find((id) => isInShare(0.3, id, "new")) ?? "";
const OUTSIDE = CUSTOMERS.find((id) => !isInShare(0.3, id, "new")) ?? "";

const seen = (customerId: string, state?: CanaryState, at = NOW, policy = POLICY): Experience | undefined =>
  policyFor(
    policy,
    customerId,
    state ? ({ stateOf: (life) => (life === LIFE ? state : undefined) } satisfies Canaries) : NO_NEWS,
    at,
  ).experiences.find(({ id }) => id === "new");
const codes = (one: Experience | undefined) => one?.held?.map(({ code }) => code);

test("about the share of customers is in it, the same ones each time, and a larger share includes them", () => {
  const inShare = (share: number) => CUSTOMERS.filter((id) => isInShare(share, id, "new"));
  expect(inShare(0.1).length / CUSTOMERS.length).toBeCloseTo(0.1, 1);
  expect(inShare(0.3)).toEqual(expect.arrayContaining(inShare(0.1)));
  expect(CUSTOMERS.filter((id) => isInShare(0.5, id, "other"))).not.toEqual(inShare(0.5));
  const many = Array.from({ length: 100_000 }, (_, place) => `d-${place}`).filter((id) => isInShare(0.0001, id, "new"));
  expect(many.length).toBeGreaterThan(0);
  expect(many.length).toBeLessThan(30);
});

test("it competes for customers in its share, and is held with its code for others", () => {
  expect(seen(INSIDE)).toMatchObject({ status: "canary" });
  expect(codes(seen(INSIDE))).toBeUndefined();
  expect(seen(OUTSIDE)?.held).toEqual([{ code: "canary", detail: "it is tried on 30 % of customers first, and this is none of them" }]);
});

test("a stop holds for everyone, from its own time on", () => {
  const state = { stopped: { at: NOW, why: "9 of 200 complained" } };
  expect(codes(seen(INSIDE, state, NOW - 1))).toBeUndefined();
  expect(codes(seen(INSIDE, state))).toEqual(["canary_stopped"]);
  expect(codes(seen(OUTSIDE, state))).toEqual(["canary", "canary_stopped"]);
  expect(seen(INSIDE, state)?.held?.[0]?.detail).toBe("stopped at 2026-06-01T15:00:00Z: 9 of 200 complained");
});

test("an approval is for everyone, from its own time on, and ends a stop", () => {
  const state = { stopped: { at: NOW, why: "by ann" }, approved: { at: NOW + 5 } };
  expect(codes(seen(INSIDE, state, NOW + 4))).toEqual(["canary_stopped"]);
  expect(seen(OUTSIDE, state, NOW + 5)).toMatchObject({ id: "new", status: "approved" });
});

test("the approved experience that it replaces stays for the others, and for all once it is stopped", () => {
  const [tried, old] = [POLICY.experiences.find(({ id }) => id === "new"), POLICY.experiences.find(({ id }) => id === "old")];
  if (!tried || !old) throw new Error("expected both");
  const policy = { ...POLICY, experiences: [{ ...tried, stays: { ...old, id: "new" } }, old] };
  expect(seen(OUTSIDE, undefined, NOW, policy)).toEqual({ ...old, id: "new", tried: policy.experiences[0] });
  expect(seen(INSIDE, undefined, NOW, policy)).toMatchObject({ status: "canary" });
  expect(seen(INSIDE, { stopped: { at: NOW, why: "" } }, NOW, policy)).toMatchObject({ ...old, id: "new" });
  const approved = { approved: { at: NOW } };
  for (const id of [INSIDE, OUTSIDE]) expect(seen(id, approved, NOW, policy)).toMatchObject({ name: tried.name, status: "approved" });
});

test("where nobody is drawn, everyone or no one is in the share", () => {
  const given = (everyone: boolean, id: string) =>
    policyFor(POLICY, id, { ...NO_NEWS, everyone }, NOW).experiences.find((one) => one.id === "new");
  expect(codes(given(true, OUTSIDE))).toBeUndefined();
  expect(codes(given(false, INSIDE))).toEqual(["canary"]);
});

test("a policy without canaries is the same object, and so is the view of the same cohort", () => {
  const without = policyOf("moments: {m: {on: go, expires: 1d}}\nchannels: {box: {kind: file}}", ["id: old"]);
  expect(policyFor(without, INSIDE, NO_NEWS, NOW)).toBe(without);
  expect(policyFor(POLICY, INSIDE, NO_NEWS, NOW)).toBe(policyFor(POLICY, INSIDE, NO_NEWS, NOW + 1));
});
