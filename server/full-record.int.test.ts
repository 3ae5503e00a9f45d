import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Profile } from "../domain/record/profile.ts";
import { policyOf } from "../testing/policy.ts";
import { engines, openTestService, type TestService } from "../testing/service.ts";

const policy = policyOf(
  `
  channels: {box: {kind: file}}
  moments: {m: {on: go, expires: 30d}}
  `,
  ["serves: [m]\nchannels: {box: {text: Hello}}\naction: {tool: update_traits, input: {traits: {fromAction: 1, alsoFromAction: 2}}}"],
);

const kilobytes = (count: number): string => "x".repeat(count * 1024);
const fields = (count: number, prefix: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index]));

describe.each(engines)("a full record on $name", (engine) => {
  let running: TestService;
  beforeAll(async () => {
    running = await openTestService(policy, await engine.place());
  });
  afterAll(() => running?.close());

  const said = (id: string, traits: Record<string, string | number | null>, type = "customer.updated") =>
    running.signal(type, id, { traits }, { id: randomUUID() });
  const profile = (id: string): Promise<Profile> => running.get(`/v1/customers/${id}`);
  const sizeOf = ({ fields: all }: Profile): number =>
    all.reduce((sum, { path, value }) => sum + path.length + JSON.stringify(value).length, 0);

  test("B12: signals cannot make a record larger than 256 KB; dropped traits are reported in the run, a metric and the record", async () => {
    for (let index = 0; index < 12; index++) await said("large", { [`t${index}`]: kilobytes(30), [`small${index}`]: index });
    await running.settled();
    const shown = await profile("large");
    expect(sizeOf(shown)).toBeLessThanOrEqual(256 * 1024);
    expect(shown.fields.filter(({ path }) => path.startsWith("small"))).toHaveLength(12);
    expect(shown.fields.filter(({ path }) => path.startsWith("t"))).toHaveLength(8);
    expect(shown.leftOut).toMatchObject({ count: 4, paths: ["t11", "t10", "t9", "t8"] });
    const { runs } = await running.get<{ runs: { runId: string }[] }>("/v1/runs?customer=large");
    const latest = await running.get<{ steps: unknown[] }>(`/v1/runs/${runs[0]?.runId}`);
    expect(latest.steps).toContainEqual(expect.objectContaining({ leftOut: { count: 1, paths: ["t11"] } }));
    const metrics = await (await running.app.request("/metrics")).text();
    expect(metrics).toMatch(/sentient_traits_left_out_total 4/);
  });

  test("B12: nor than 2,000 fields; a removed one makes room", async () => {
    for (let index = 0; index < 3; index++) await said("wide", fields(900, `p${index}-`));
    await running.settled();
    expect((await profile("wide")).fields).toHaveLength(2_000);
    expect((await profile("wide")).leftOut).toMatchObject({ count: 700 });
    await said("wide", { "p0-0": null, later: 1 });
    await running.settled();
    const shown = await profile("wide");
    expect(shown.fields.map(({ path }) => path)).toContain("later");
    expect(shown.fields).toHaveLength(2_000);
  });

  test("B12: an import line that would exceed the limits is refused, also together with the existing record", async () => {
    const line = (id: string, count: number, prefix: string) => JSON.stringify({ id, traits: fields(count, prefix) });
    const send = async (...lines: string[]) =>
      (await (await running.post("/v1/customers", lines.join("\n"))).json()) as Record<string, unknown>;
    expect(await send(line("i-1", 2_001, "a"), line("i-2", 1_500, "a"))).toMatchObject({
      imported: 1,
      unchanged: 0,
      problems: [{ line: 1, problem: expect.stringMatching(/^traits: .* larger than 2000 fields or 262144 bytes; no room for a/) }],
    });
    expect(await send(line("i-2", 1_500, "b"))).toMatchObject({ imported: 0, problems: [{ line: 1 }] });
    expect((await profile("i-2")).fields).toHaveLength(1_500);
    expect((await profile("i-2")).leftOut).toBeUndefined();
    await expect(profile("i-1")).rejects.toThrow("404");
  });

  test("B12: writes of an action are bounded too", async () => {
    await said("acted", fields(999, "a"));
    await said("acted", fields(1_000, "b"));
    await said("acted", {}, "go");
    await running.settled();
    const shown = await profile("acted");
    expect(shown.fields).toHaveLength(2_000);
    expect(shown.leftOut).toMatchObject({ count: 1, paths: ["fromAction"] });
  });

  test("B12: two merged customers are bounded together: the oldest traits are dropped", async () => {
    await said("twin-1", fields(1_200, "a"));
    await running.settled();
    await said("twin-2", fields(1_200, "b"));
    await running.settled();
    expect((await running.post("/v1/customers/twin-1/merge", { into: "twin-2" })).status).toBe(200);
    await running.settled();
    const shown = await profile("twin-2");
    expect(shown.fields).toHaveLength(2_000);
    expect(shown.fields.filter(({ path }) => path.startsWith("b"))).toHaveLength(1_200);
    expect(shown.leftOut).toMatchObject({ count: 400 });
    await said("twin-2", { later: 1 });
    await running.settled();
    expect((await profile("twin-2")).fields).toHaveLength(2_000);
  });
});
