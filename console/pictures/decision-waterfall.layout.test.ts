import { expect, test } from "vitest";
import type { Decision, Reason } from "../../domain/entities/decision.ts";
import { STAGES } from "../../domain/entities/decision.ts";
import { COLUMNS, layoutWaterfall, type Shown } from "./decision-waterfall.layout.ts";

type Candidate = Decision["candidates"][number];

const because = (code: Reason["code"], stage: Reason["stage"], detail?: string): Reason => ({
  ...{ code, decidedBy: "rule" },
  ...(stage === undefined ? {} : { stage }),
  ...(detail === undefined ? {} : { detail }),
});
const candidate = (experienceId: string, verdict: Candidate["verdict"], ...reasons: Reason[]): Candidate => ({
  ...{ experienceId, moment: "m", verdict, reasons },
});
const decided = (action: Shown["action"], candidates: Candidate[], more: Partial<Shown> = {}): Shown => ({
  action,
  candidates,
  reasons: [],
  ...more,
});
const ELIGIBLE = because("eligible", undefined);

/** Each row as text: dots passed, mark, column, reason. */
const drawn = (decision: Shown): string[] =>
  layoutWaterfall(decision, 1000).rows.map(
    ({ name, dots, mark, column, reason }) => `${name}: ${dots.length} ${mark.kind} ${COLUMNS[column]?.word}: ${reason}`,
  );

test("every stage of the funnel has its column, in order", () => {
  expect(COLUMNS.flatMap(({ stages }) => stages)).toEqual([...STAGES]);
});

test.each([
  ["what went has passed everything", decided("deliver", [candidate("a", "chosen", ELIGIBLE)]), ["a: 8 sent wins: it won"]],
  [
    "what waits ends where it waits",
    decided("defer", [candidate("a", "chosen", because("quiet_hours", "timing", "until 08:00"))]),
    ["a: 7 waits timing: until 08:00"],
  ],
  [
    "what has to be approved is for people",
    decided("await_approval", [candidate("a", "chosen", because("approval_required", "approval"))]),
    ["a: 8 task wins: a person has to approve it"],
  ],
  [
    "what is withheld to compare is held back",
    decided("withhold", [candidate("a", "chosen", because("holdout", "holdout"))]),
    ["a: 8 held wins: the customer is in the control group"],
  ],
  [
    "the first stage that stops counts, the winner comes first, then those that came furthest",
    decided("deliver", [
      candidate("early", "ineligible", because("cap_reached", "timing"), because("not_applicable", "applicability")),
      candidate("lost", "eligible", because("lower_priority", "arbitration")),
      candidate("won", "chosen", ELIGIBLE),
      candidate("late", "ineligible", because("suppressed", "suppression", "the car has gone back")),
    ]),
    [
      "won: 8 sent wins: it won",
      "lost: 8 held wins: something else mattered more",
      "late: 6 held rules: the car has gone back",
      "early: 1 held applies: it is about something else",
    ],
  ],
  [
    "candidates without room in the record are counted",
    decided("silence", [], { others: [{ stage: "consent", code: "consent_missing", count: 7, experiences: ["x", "y"] }] }),
    ["+ 7 more: 5 held consent: there is no consent"],
  ],
  ["nothing was looked at", decided("silence", []), []],
])("%s", (_, decision, rows) => {
  expect(drawn(decision)).toEqual(rows);
});

test("the score is shown, and of those that were stopped the score that they would have had", () => {
  const score = { priority: 500, P: 0.5, C: 1, V: 1000, L: 1 };
  const rows = layoutWaterfall(
    decided("deliver", [
      { ...candidate("a", "chosen", ELIGIBLE), score },
      { ...candidate("b", "ineligible", because("suppressed", "suppression")), wouldScore: { ...score, priority: 19.970367, P: 0.24962 } },
      candidate("c", "ineligible", because("ineligible", "eligibility")),
    ]),
    1000,
  ).rows;
  expect(rows.map((row) => row.score)).toEqual([
    { priority: "500", factors: "0.5 × 1 × 1,000 × 1", isWould: false },
    { priority: "19.97", factors: "0.25 × 1 × 1,000 × 1", isWould: true },
    undefined,
  ]);
});

test.each([
  ["nobody", decided("silence", []), "No experience was looked at: none serves an open moment."],
  ["a winner alone", decided("deliver", [candidate("a", "chosen", ELIGIBLE)]), "1 experience was looked at: 1 won."],
  [
    "all",
    decided(
      "defer",
      [
        candidate("a", "chosen", because("quiet_hours", "timing")),
        candidate("b", "ineligible", because("suppressed", "suppression")),
        candidate("c", "ineligible", because("suppressed", "suppression")),
        candidate("d", "ineligible", because("ineligible", "eligibility")),
      ],
      { others: [{ stage: "facts", code: "fact_stale", count: 20, experiences: [] }] },
    ),
    "24 experiences were looked at: 1 waits, 23 were held back (eligible, facts and rules).",
  ],
  [
    "one that was held back",
    decided("silence", [candidate("b", "ineligible", because("suppressed", "suppression"))]),
    "1 experience was looked at: 1 was held back (rules).",
  ],
])("the sentence of the picture: %s", (_, decision, sentence) => {
  expect(layoutWaterfall(decision, 1000).sentence).toBe(sentence);
});

test("nothing overlaps: rows are apart, words end within the picture, long and hostile names are cut and visible", () => {
  const long = "x".repeat(300);
  const { rows, width, height } = layoutWaterfall(
    decided(
      "silence",
      STAGES.map((stage) => candidate(`${long}${stage}`, "ineligible", because("ineligible", stage, `${long}\u202e${stage}`))),
    ),
    600,
  );
  expect(width).toBe(860);
  expect(rows.map(({ y }) => y)).toEqual(rows.map((_, index) => 50 + 48 * index));
  expect((rows.at(-1)?.y ?? 0) + 24).toBeLessThanOrEqual(height);
  for (const { words, name, dots, mark } of rows) {
    const end = words.anchor === "start" ? words.x + [...words.text].length * 6.1 : words.x;
    const start = words.anchor === "start" ? words.x : words.x - [...words.text].length * 6.1;
    expect(end).toBeLessThanOrEqual(width - 130);
    expect(start).toBeGreaterThanOrEqual(150);
    expect([...name].length).toBeLessThan(33);
    expect(dots.every((x) => x < mark.x)).toBe(true);
  }
  expect(layoutWaterfall(decided("silence", [candidate("a\u202eb", "ineligible")]), 1000).rows[0]?.name).toBe("a[right-to-left override]b");
});

test("beneath a candidate stand its moment, its channel and its variant", () => {
  const one = { ...candidate("a", "chosen", ELIGIBLE), channel: "web", variant: "short" };
  const beneath = (given: Candidate) => layoutWaterfall(decided("deliver", [given]), 1000).rows.map((row) => row.beneath);
  expect([...beneath(one), ...beneath({ ...candidate("a", "chosen", ELIGIBLE), channel: "web" })]).toEqual(["m → web · short", "m → web"]);
});
