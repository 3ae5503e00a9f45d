import { expect, test } from "vitest";
import { aCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { fieldReader, groupsBy } from "./groups.ts";

const POLICY = policyOf("");
const customers = [{ segment: "lease" }, { segment: "owner" }, { segment: "owner" }, {}].map((traits) => aCustomer({ traits }));

test.each(["segment", "customer.segment"])("customers are told apart by the values of %s, the most frequent first", (path) => {
  expect(groupsBy(path, customers, fieldReader(path, POLICY, NOW))).toEqual({
    names: ["owner", "lease", "(without it)"],
    of: [1, 0, 0, 2],
  });
});

test("a field that nobody has is refused, and so is one that holds no single value", () => {
  const by = (path: string, traits: Record<string, unknown>) => groupsBy(path, [aCustomer({ traits })], fieldReader(path, POLICY, NOW));
  expect(() => by("tier", {})).toThrow("--by tier: no customer has this field");
  expect(() => by("car", { car: { model: "Outback" } })).toThrow("--by car: it holds several values");
});

test("beyond twenty values the rest is one group", () => {
  const many = Array.from({ length: 30 }, (_, n) => aCustomer({ traits: { city: `c${n}` } }));
  const { names, of } = groupsBy("city", many, fieldReader("city", POLICY, NOW));
  expect([names.length, names[20], of.filter((place) => place === 20).length]).toEqual([21, "(other values)", 10]);
});

test("the stage is where she stands, where the workspace has stages", () => {
  const staged = policyOf("stages: {lapsed: {when: customer.gone}, active: {}}");
  const customer = aCustomer({ traits: { stage: "said" }, stage: { name: "lapsed", since: NOW } });
  expect([staged, POLICY].map((policy) => fieldReader("customer.stage", policy, NOW)(customer))).toEqual(["lapsed", "said"]);
});
