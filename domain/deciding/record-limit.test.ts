import { describe, expect, test } from "vitest";
import { aCustomer } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { Story } from "../../testing/story.ts";
import { Decision } from "../entities/decision.ts";
import { explain } from "./explain.ts";
import { MAX_RECORD, withinLimit } from "./record-limit.ts";

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
/** `count` experiences whose condition fails for one reason. */
const many = (count: number, more = "applicability: [{when: customer.vip, reason: only for customers with a card}]") =>
  Array.from({ length: count }, (_, index) => `id: e${String(index).padStart(4, "0")}\n${more}`);
const decided = (experiences: readonly string[], settings = "learning: {explore: none}") =>
  new Story(policyOf(settings, experiences), aCustomer({ traits: { vip: false } })).signal("2026-06-01T15:00:00Z", "go", {}).last;
const complete = (draft: object): Decision => Decision.parse({ ...draft, runId: "r", deliveries: [] });

describe("the record of a decision is at most 32 KB", () => {
  test("below that nothing is left out", () => {
    const decision = decided(many(40));
    expect(decision.candidates).toHaveLength(40);
    expect(decision).not.toHaveProperty("others");
  });

  test("a silence with a thousand candidates counts those without room, by stage and code, and names twenty", () => {
    const decision = decided([...many(990), ...many(10, "eligibility: [customer.vip]").map((text) => text.replace("id: e", "id: z"))]);
    expect(sizeOf(decision)).toBeLessThanOrEqual(MAX_RECORD);
    expect(decision.candidates.length).toBeGreaterThan(50);
    const { others = [] } = decision;
    expect(others.map(({ stage, code }) => [stage, code])).toEqual([
      ["eligibility", "ineligible"],
      ["applicability", "not_applicable"],
    ]);
    expect(others.reduce((sum, { count }) => sum + count, decision.candidates.length)).toBe(1_000);
    expect(others.map(({ count }) => count)[0]).toBe(10);
    expect(others[1]?.experiences).toHaveLength(20);
    const named = others.flatMap(({ experiences }) => experiences);
    expect(decision.candidates.filter(({ experienceId }) => named.includes(experienceId))).toEqual([]);
    expect(decision.reasons.map(({ detail }) => detail?.split("; ").length)).toEqual([21, 10]);
    expect(decision.reasons[0]?.detail).toMatch(/; and 970 more$/);
  });

  test("the chosen one, those that reached arbitration and those that came furthest stay whole, with room for the message", () => {
    const last = "channels: {box: {text: '{{ customer.missing }}'}}";
    const experiences = [
      ...many(600),
      ...many(3, last).map((text) => text.replace("id: e", "id: y")),
      "id: won\nvalue: 9",
      "id: lost\nvalue: 2",
    ];
    const decision = decided(experiences);
    expect(sizeOf(decision)).toBeLessThanOrEqual(MAX_RECORD - 8 * 1024);
    const ids = decision.candidates.map(({ experienceId }) => experienceId);
    expect(ids.slice(0, 2)).toEqual(["won", "lost"]);
    expect(ids).toEqual(expect.arrayContaining(["y0000", "y0001", "y0002"]));
    expect(decision.candidates[1]?.reasons[0]?.code).toBe("lower_priority");
  });

  test("where more competed than fit, the least of them are counted too", () => {
    const decision = decided(many(400, "value: 5"));
    expect(decision.candidates[0]?.verdict).toBe("chosen");
    expect(decision.others).toMatchObject([{ stage: "arbitration", code: "lower_priority" }]);
    expect(sizeOf(decision)).toBeLessThanOrEqual(MAX_RECORD);
  });

  test("the explanation counts and names them", () => {
    const decision = complete(decided(many(1_000)));
    const { why } = explain(decision);
    const [{ count = 0 } = {}] = decision.others ?? [];
    expect(why[1]).toBe("1000 experiences were looked at, and none could go.");
    expect(why[2]).toMatch(
      new RegExp(`^Not told one by one: ${count} because it makes no sense now \\(e\\d+, .* and ${count - 20} more\\)\\.$`),
    );
  });

  test("the same decision is cut in the same way", () => {
    const decision = decided(many(1_000));
    const again = decided(many(1_000));
    expect(withinLimit(decision)).toEqual(decision);
    expect([again.candidates, again.others, again.reasons]).toEqual([decision.candidates, decision.others, decision.reasons]);
  });
});
