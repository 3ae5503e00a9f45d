import { expect, test } from "vitest";
import type { AskAnswer } from "../../domain/entities/ask.ts";
import type { ReasonCode } from "../../domain/entities/decision.ts";
import { createPaint } from "../io.ts";
import { answerLines } from "./answer.ts";

const linesOf = (answer: AskAnswer): string[] => answerLines(answer, { paint: createPaint(false) });
const HEAD = { customerId: "c-1", decidedAt: "2026-06-01T12:00:00Z", late: false };

test("each place says what it is given, or why it is given nothing", () => {
  const given = {
    decisionId: "d_1",
    action: "deliver",
    experienceId: "welcome",
    deliveryId: "l_1",
    probability: 0.25,
    reasons: [],
  } as const;
  const content = { headline: "Hello" };
  const held = { holdUntil: "2026-06-01T12:10:00Z", variant: "short", locale: "de" };
  const why = (code: ReasonCode) => ({ code, stage: "timing", decidedBy: "rule" }) as const;
  const waits = { until: "2026-06-02T09:00:00Z", reasons: [why("cap_reached"), why("cap_reached")] };
  expect(
    linesOf({
      ...HEAD,
      places: {
        hero: { ...given, content, again: true },
        tool: { ...given, ...held, again: false },
        banner: { decisionId: "d_2", action: "defer", experienceId: "basket", again: false, probability: 1, ...waits },
        footer: { decisionId: "d_3", action: "silence", again: false, probability: 1, reasons: [why("given")] },
      },
    }),
  ).toEqual([
    "c-1  2026-06-01 12:00",
    "",
    "hero  welcome  again",
    "  {",
    '    "headline": "Hello"',
    "  }",
    "  delivery l_1  probability 0.25",
    "",
    "tool  welcome  variant short  de  held until 2026-06-01 12:10",
    "  delivery l_1  probability 0.25",
    "",
    "banner  defer basket  until 2026-06-02 09:00  cap_reached",
    "  decision d_2  probability 1",
    "",
    "footer  silence  given",
    "  decision d_3  probability 1",
  ]);
});

test("a late answer says that nothing was decided", () => {
  expect(linesOf({ ...HEAD, late: true, places: {} })).toEqual([
    "c-1  2026-06-01 12:00  late: nothing was decided in time, and this ask never will be",
  ]);
});
