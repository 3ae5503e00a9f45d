import { expect, test } from "vitest";
import { aCustomer, NOW } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { profileOf } from "./profile.ts";

test("each field of a profile says by which rule its value is chosen, where it has one", () => {
  const policy = policyOf(
    `
    record:
      sources: [crm, web]
      fields:
        lease.endsOn: {rule: source_sequence, sources: [leasing, dealer], maxAge: 100d}
        lease.payoff: {onConflict: hold}
        segment: {rule: source_sequence}
    `,
  );
  const traits = { lease: { endsOn: "2026-09-08", payoff: 1 }, name: "Ada", segment: "a" };
  const { fields } = profileOf(aCustomer({ traits }), policy, NOW);
  expect(Object.fromEntries(fields.map(({ path, rule }) => [path, rule]))).toMatchObject({
    "lease.endsOn": "the first of leasing, dealer; no older than 100d",
    "lease.payoff": "none while sources disagree",
    name: undefined,
    segment: "the first of crm, web",
  });
});
