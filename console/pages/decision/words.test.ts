import { expect, test } from "vitest";
import { ACTIONS } from "../../../domain/entities/decision.ts";
import { occasionOf, titleOf, waysOf } from "./words.ts";

test("the title says what was decided, for whom", () => {
  expect(ACTIONS.map((action) => titleOf({ action, experienceId: "offer", customerId: "c-1" }))).toEqual([
    "offer to c-1",
    "offer for c-1 waits",
    "offer for c-1 needs approval",
    "offer withheld from c-1",
    "Silence for c-1",
  ]);
});

test("what woke the customer", () => {
  expect(occasionOf({ kind: "signal", signalId: "1", source: "crm", type: "vehicle.returned" })).toBe("signal vehicle.returned from crm");
  expect(occasionOf({ kind: "timer", name: "clock.daily", due: "2026-01-01T00:00:00Z" })).toBe("timer clock.daily");
  expect(occasionOf(undefined)).toBe("");
});

const ASK = { kind: "ask", askId: "1", source: "site", channel: "web", place: "hero" } as const;
test("an ask woke the customer", () => {
  expect(occasionOf(ASK)).toBe("ask of web for hero");
});

test.each([
  ["a message", {}, []],
  ["an ask", { wake: ASK }, [["Place", "hero of web"]]],
  [
    "what a place is given again, in a variant, to somebody in a stage",
    { wake: ASK, again: true as const, variant: "short", stage: "lapsed" },
    [
      ["Place", "hero of web"],
      ["Again", "the place keeps what it was given before"],
      ["Variant", "short"],
      ["Stage of the customer", "lapsed"],
    ],
  ],
])("the facts that are added to those of %s", (_what, decision, wanted) => {
  expect(waysOf(decision)).toEqual(wanted);
});
