import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type Place, type TestService } from "../testing/service.ts";
import { importCustomers, readCustomerText } from "./import-customers.ts";

describe.each(engines)("concurrent imports on $name", (engine) => {
  const policy = policyOf("");
  let place: Place;
  let on: TestService;
  beforeAll(async () => {
    place = await engine.place();
    on = await openTestService(policy, place, { concurrency: 0 });
  });
  afterAll(async () => {
    await on.close();
    await place.remove();
  });

  const lines = (stage: string) =>
    readCustomerText(
      Array.from({ length: 200 }, (_, n) =>
        JSON.stringify({ id: `c-${n}`, traits: { stage }, identities: [{ type: "email", value: `c${n}@example.org` }] }),
      ).join("\n"),
    ).lines;
  const atOnce = (stage: string) =>
    Promise.all(Array.from({ length: 4 }, () => importCustomers(lines(stage), Date.now(), on.service.store, policy)));
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);

  test.each(["new", "changed"])("processes that start together import each line once, and none of them fails (%s)", async (stage) => {
    const results = await atOnce(stage);
    expect(sum(results.map(({ imported }) => imported))).toBe(200);
    expect(sum(results.map(({ unchanged }) => unchanged))).toBe(600);
    expect(await on.rows("select count(*)::int as n from imports where line->'traits'->>'stage' = $1", [stage])).toEqual([{ n: 200 }]);
  });
});
