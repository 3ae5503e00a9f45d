import { beforeAll, describe, expect, test } from "vitest";
import type { Explained } from "../../domain/deciding/explained.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { commandsOnBoth, PLACES } from "../../testing/typed/commands-on-both.ts";

const SETTINGS =
  "timezone: UTC\nchannels: {box: {kind: file, address: none}}\ngovernance: {consent: {box: opt_out}}\nmoments: {m: {on: go, expires: 30d}, n: {on: gone, expires: 30d}}\n";
/** More than a record has room for: half of them fail, the others compete by draws. */
const EXPERIENCES = Array.from({ length: 240 }, (_, place) => {
  const fails = place % 2 === 0 ? "eligibility: [{when: customer.tier == 'gold', reason: gold only}]\n" : "";
  return `id: e${place}\nstatus: approved\nserves: [m]\nchannels: {box: {text: Hello}}\n${fails}`;
});
const OTHER = "id: other\nstatus: approved\nserves: [n]\nchannels: {box: {text: Hello}}\n";
const GO = { specversion: "1.0", source: "web", id: "1", type: "go", subject: "ann", data: { traits: { tier: "tin" } } };

const signals = [{ ...GO, time: "2026-06-01T10:00:00Z" }];
const { type } = commandsOnBoth({ settings: SETTINGS, experiences: [...EXPERIENCES, OTHER], signals, served: [GO] });

const OF_DECISION = "decisions explain";

describe.each(PLACES)("explain --experience on %s", (place) => {
  let decision: Decision;
  beforeAll(async () => {
    const { out } = await type(place, "decisions list", [], { json: true });
    decision = JSON.parse(out.split("\n")[0] ?? "") as Decision;
  });
  const about = async (experience: string): Promise<NonNullable<Explained["experience"]>> => {
    const { out } = await type(place, OF_DECISION, [decision.decisionId], { experience, json: true });
    return (JSON.parse(out) as Explained).experience ?? expect.fail("it is explained");
  };
  const countedBy = (code: string): string =>
    decision.others?.find((one) => one.code === code)?.experiences[0] ?? expect.fail(`no counted ${code}`);

  test("a candidate that the record has whole is explained from it", async () => {
    const [chosen, lost] = decision.candidates;
    expect(await about(chosen?.experienceId ?? "")).toMatchObject({ verdict: "chosen", computed: false });
    expect(await about(lost?.experienceId ?? "")).toMatchObject({ verdict: "eligible", computed: false });
  });

  test("one that it only counts is computed again, under the version that the decision names", async () => {
    const { policyVersion } = decision;
    const failed = countedBy("ineligible");
    expect(await about(failed)).toEqual({
      ...{ experienceId: failed, verdict: "ineligible", computed: true, policyVersion },
      why: "Law or policy rules it out (gold only).",
      change: expect.stringContaining('A tier of "gold" (it is "tin")'),
    });
  });

  test.runIf(place === "a store")("one that lost too, and in words it says so", async () => {
    const lost = countedBy("lower_priority");
    const { out } = await type(place, OF_DECISION, [decision.decisionId], { experience: lost });
    const words = out.replace(/\s+/g, " ");
    expect(words).toMatch(new RegExp(`${lost} Something else mattered more \\([\\d.]+ against [\\d.]+ of e\\d+\\)\\.`));
    expect(words).toContain("The record only counts it: it was computed again from the customer's own signals, under the version");
  });

  test.runIf(place === "a store")("one that was no candidate is refused", async () => {
    await expect(about("other")).rejects.toThrow(/other was no candidate of .* serves what was open \(m\)/);
  });
});
