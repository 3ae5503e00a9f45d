import { expect, test } from "vitest";
import type { Decision } from "../entities/decision.ts";
import { compareDecisions } from "./compare-decisions.ts";

test("differences are in order of time, within one second as well", () => {
  const decided = (id: string, decidedAt: string): Decision =>
    ({
      ...{ decisionId: id, customerId: id, decidedAt, action: "silence", reasons: [] },
      wake: { kind: "signal", signalId: id, source: "s", type: "t" },
    }) as unknown as Decision;
  const within = decided("within", "2026-06-01T15:00:57.202Z");
  const next = decided("next", "2026-06-01T15:00:58Z");
  const whole = decided("whole", "2026-06-01T15:00:57Z");
  const { differences } = compareDecisions([next, within, whole], []);
  expect(differences.map(({ customerId }) => customerId)).toEqual(["whole", "within", "next"]);
});
