import { expect, test } from "vitest";
import type { ExperienceReport } from "../../operations/experience-report.ts";
import { createPaint } from "../io.ts";
import { catalogueLines, outcomeLines, reportLines, reportTable, spanOf } from "./experiences.ts";

const io = { paint: createPaint(false), columns: 100 };
const REPORT: ExperienceReport = {
  ...{ experienceId: "offer", name: "An offer", status: "approved", reach: 40, sent: 50 },
  window: { from: "2026-05-02T12:00:00Z", to: "2026-06-01T12:00:00Z" },
  outcomes: { opened: { count: 10, share: 0.2, low: 0.112, high: 0.33 }, converted: { count: 5, share: 0.1, low: 0.043, high: 0.214 } },
  heldBy: [{ code: "cap_reached", decisions: 3, customers: 1 }],
  lift: {
    ...{ difference: 0.3, interval: { low: 0.05, high: 0.52 }, within: "30d", holdout: 0.05, pending: 4, from: "2026-05-02T12:00:00Z" },
    treated: { customers: 30, successes: 15, rate: 0.5 },
    withheld: { customers: 25, successes: 5, rate: 0.2 },
  },
};

test("report: one in full", () => {
  expect(reportLines(REPORT, io)).toEqual([
    "offer  An offer",
    "from 2026-05-02 12:00 to 2026-06-01 12:00",
    "",
    "sent 50 times to 40 customers",
    "",
    "outcomes, of what was sent (95 % intervals, Wilson)",
    "  opened     10  20 %  11.2 % to 33 %",
    "  converted  5   10 %  4.3 % to 21.4 %",
    "",
    "held by",
    "  cap_reached  3 decisions  1 customer",
    "",
    "against the holdout",
    "  lift +30 points of success within 30d (+5 points to +52 points, 95 %, Newcombe)",
    "  treated   50 %  15 of 30 customers",
    "  withheld  20 %  5 of 25 customers",
    "  4 of them still have time to succeed; the holdout was 5 %",
  ]);
  expect(reportLines({ ...REPORT, lift: { refused: "nobody was withheld" } }, io).at(-1)).toBe("  no lift: nobody was withheld");
});

test("an experience without a name of its own is named once", () => {
  expect(reportLines({ ...REPORT, name: "offer" }, io)[0]).toBe("offer");
  const entry = { id: "offer", name: "offer", status: "approved", serves: ["m"], channels: ["email"] };
  expect(catalogueLines([entry as never], io.paint)).toEqual(["offer  approved    for m  by email"]);
});

test("report: the time it is about, to the minute", () => {
  expect(spanOf({ window: { from: "2026-10-29T23:24:18.310Z", to: "2026-11-28T23:24:18.310Z" } })).toBe(
    "from 2026-10-29 23:24 to 2026-11-28 23:24",
  );
});

test("report: a line each", () => {
  const other = { ...REPORT, experienceId: "tip", heldBy: [], outcomes: {}, lift: { refused: "why" } };
  expect(reportTable([REPORT, other], io.paint)).toEqual([
    "experience  reach  sent  opened  clicked  replied  converted  ignored  lift        held most by",
    "offer       40     50    20 %                      10 %                +30 points  cap_reached (3)",
    "tip         40     50                                                  none",
  ]);
});

test("report: variants, a line each", () => {
  const sent = { channel: "email", sent: 25 };
  const variants = [
    { ...sent, variant: "short", outcomes: REPORT.outcomes },
    { ...sent, variant: "long", outcomes: {} },
  ];
  expect(reportTable([{ ...REPORT, variants }], io.paint).slice(1)).toEqual([
    "offer             40     50    20 %                      10 %                +30 points  cap_reached (3)",
    "  short by email         25    20 %                      10 %",
    "  long by email          25",
  ]);
  const lines = reportLines({ ...REPORT, variants }, io);
  expect(lines.slice(lines.indexOf("variants"), lines.indexOf("held by") - 1)).toEqual([
    "variants",
    "  short  by email  sent 25  opened 10 (20 %), converted 5 (10 %)",
    "  long   by email  sent 25",
  ]);
});

test("experiences list and outcomes list: a line each", () => {
  const offer = { id: "offer", name: "An offer", status: "approved", department: "sales", serves: ["m"], channels: ["email"] } as const;
  expect(catalogueLines([{ ...offer, value: 1, lever: 0, transactional: false } as never], io.paint)).toEqual([
    "offer  approved  sales  for m  by email  An offer",
  ]);
  const at = "2026-06-01T12:00:00Z";
  const outcome = {
    at,
    kind: "opened",
    customerId: "ann",
    experienceId: "offer",
    channel: "email",
    deliveryId: "m_123456789012",
    decisionId: "d",
  } as const;
  expect(outcomeLines([outcome], io.paint)).toEqual(["2026-06-01 12:00  opened  ann  offer by email  m_1234567890"]);
});
