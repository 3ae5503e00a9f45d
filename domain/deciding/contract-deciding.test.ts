import { describe, expect, test } from "vitest";
import { aDelivery, at, type GivenCustomer } from "../../testing/builders.ts";
import { inShort, play, type Scenario, tell } from "../../testing/tell.ts";
import { DAY } from "../values/time.ts";

const check = ({ name: _, wanted, ...given }: Scenario) => expect(tell(given)).toEqual(wanted);

const GO = [["06-01 15:00", "go"] as const];
const TWO = "channels: {box: {kind: file}, hook: {kind: webhook}}";
/** Every arm has a little evidence. */
const UNSURE = { propensity: () => ({ mean: 0.5, logit: 0, deviation: 1.5 }) };
const ON_BOTH = "channels: {hook: {payload: {a: 1}}, box: {text: Hi}}";

describe("the highest priority wins", () => {
  const scoreOf = (given: Omit<Scenario, "name" | "wanted">) => play(given).last.candidates[0]?.score;
  test("P × C × V × L, with the contexts that hold and the goal that is served", () => {
    const given = {
      settings: "goals: {keep: {weight: 20}, grow: {weight: 7}}",
      experiences: [
        "value: 900\ngoal: keep\nlevers: {weight: 10}\ncontext: [{when: moment.urgency > 0.4, weight: 55}, {when: customer.gone, weight: 99}, {when: 'true', weight: -5}]",
      ],
      customer: { traits: { goals: ["keep", "grow"] } },
      signals: GO,
    };
    expect(scoreOf(given)).toEqual({ priority: 0.5 * 1.7 * 900 * 1.1, P: 0.5, C: 1.7, V: 900, L: 1.1 });
    expect(scoreOf({ ...given, customer: {} })).toMatchObject({ C: 1.5 });
    expect(scoreOf({ ...given, customer: { traits: { goals: "keep" } } })).toMatchObject({ C: 1.5 });
  });

  const CASES: Scenario[] = [
    { name: "by its value", experiences: ["value: 2", "id: f\nvalue: 3"], signals: GO, wanted: ["06-01 15:00 deliver f@box"] },
    { name: "by its lever", experiences: ["", "id: f\nlevers: {weight: 1}"], signals: GO, wanted: ["06-01 15:00 deliver f@box"] },
    { name: "and of equals the smaller id", experiences: ["id: b", "id: a", "id: c"], signals: GO, wanted: ["06-01 15:00 deliver a@box"] },
    {
      name: "and of equals the smaller id, letters as they are coded",
      experiences: ["id: a", "id: B"],
      signals: GO,
      wanted: ["06-01 15:00 deliver B@box"],
    },
    {
      name: "and of its channels the author's first",
      settings: TWO,
      experiences: [ON_BOTH],
      signals: GO,
      wanted: ["06-01 15:00 deliver e@hook"],
    },
    {
      name: "and of its channels the likelier",
      settings: TWO,
      experiences: [ON_BOTH],
      signals: GO,
      options: {
        propensity: ({ channel }) => (channel === "box" ? { mean: 0.6, logit: 0.4, deviation: 0 } : { mean: 0.5, logit: 0, deviation: 0 }),
      },
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "and of its channels one that may go now before a likelier one",
      settings: `${TWO}\ngovernance: {caps: [{id: c, channel: box, max: 0, window: 1d}, {id: d, channel: hook, max: 5, window: 1d}]}`,
      experiences: [ON_BOTH],
      signals: GO,
      options: {
        propensity: ({ channel }) => (channel === "box" ? { mean: 0.6, logit: 0.4, deviation: 0 } : { mean: 0.5, logit: 0, deviation: 0 }),
      },
      wanted: ["06-01 15:00 deliver e@hook"],
    },
    {
      name: "but a ready one goes before a better one that must wait",
      settings: `${TWO}\ngovernance: {quietHours: [{channels: [box], from: "09:00", to: "11:00"}]}`,
      experiences: ["value: 100", "id: f\nchannels: {hook: {payload: {a: 1}}}"],
      signals: GO,
      wanted: ["06-01 15:00 deliver f@hook"],
    },
    {
      name: "of those that must wait when none may go now",
      settings: 'governance: {quietHours: [{from: "09:00", to: "11:00"}]}',
      experiences: ["", "id: f\nvalue: 2"],
      signals: GO,
      wanted: ["06-01 15:00 defer f@box until 06-01 16:00: quiet_hours"],
    },
    {
      name: "and of those the best that comes in time",
      settings: 'governance: {quietHours: [{from: "09:00", to: "11:00"}]}\nmoments: {m: {on: go, expires: 30m}, n: {on: go, expires: 1d}}',
      experiences: ["value: 9", "id: f\nserves: [n]"],
      signals: GO,
      wanted: ["06-01 15:00 defer f@box until 06-01 16:00: quiet_hours"],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("the record of a decision", () => {
  test("has every candidate: the chosen first, losers with their score, stopped ones with all reasons of one stage", () => {
    const { last } = play({
      experiences: [
        "value: 9",
        "id: f",
        "id: g\neligibility: [false, customer.a]\nsuitability: [false]",
        "id: h\nstatus: draft",
        "id: i\nserves: [m]\nchannels: {box: {text: '{{ customer.b }}'}}",
      ],
      signals: GO,
    });
    expect(
      last.candidates.map(({ experienceId, verdict, score, reasons }) => [
        experienceId,
        verdict,
        score?.priority,
        reasons.map(({ code }) => code),
      ]),
    ).toEqual([
      ["e", "chosen", 4.5, ["eligible"]],
      ["f", "eligible", 0.5, ["lower_priority"]],
      ["g", "ineligible", undefined, ["ineligible", "ineligible"]],
      ["i", "ineligible", undefined, ["fact_missing"]],
    ]);
  });

  test("lists a waiting candidate as eligible, with the time from which it may go", () => {
    const { last } = play({
      settings: 'governance: {quietHours: [{from: "09:00", to: "11:00"}], caps: [{id: c, max: 0, window: 1d}]}',
      signals: GO,
    });
    expect(last).toMatchObject({
      action: "silence",
      candidates: [
        {
          verdict: "ineligible",
          reasons: [
            { code: "cap_reached", stage: "timing" },
            { code: "quiet_hours", retryAt: "2026-06-01T16:00:00Z" },
          ],
        },
      ],
    });
    const waiting = play({
      settings: 'governance: {quietHours: [{from: "09:00", to: "11:00"}]}\nmoments: {m: {on: go, expires: 5m}}',
      signals: GO,
    });
    expect(waiting.last).toMatchObject({
      action: "silence",
      reasons: [{ code: "quiet_hours" }],
      candidates: [
        {
          verdict: "eligible",
          score: { priority: 0.5 },
          reasons: [
            {
              code: "quiet_hours",
              stage: "timing",
              decidedBy: "rule",
              detail: "09:00-11:00 America/Chicago (the workspace's zone: the customer has none)",
              retryAt: "2026-06-01T16:00:00Z",
            },
          ],
        },
      ],
    });
    expect(waiting.last.experienceId).toBeUndefined();
  });

  test("has probability 1 without exploration, and for silence", () => {
    expect(play({ experiences: ["", "id: f"], signals: GO }).last.probability).toBe(1);
    expect(play({ experiences: ["eligibility: [false]"], signals: GO }).last).toMatchObject({ action: "silence", probability: 1 });
  });

  test("has P 0.5 with certainty before any evidence, also with exploration", () => {
    const { last } = play({ settings: "learning: {explore: thompson}", experiences: ["", "id: f"], signals: GO });
    expect(last).toMatchObject({ experienceId: "e", probability: 1, candidates: [{ score: { P: 0.5 } }, { score: { P: 0.5 } }] });
  });

  test("has with exploration probabilities that sum to 1 over all eligible candidates", () => {
    const settings = `${TWO}\nlearning: {explore: thompson}`;
    const chances = new Map<string, number>();
    for (let index = 0; index < 60; index++) {
      const signals: Scenario["signals"] = [["06-01 15:00", "go", {}, { id: `id-${index}` }]];
      const { experienceId, channel, probability } = play({
        settings,
        experiences: [ON_BOTH, "id: f\nvalue: 2"],
        signals,
        options: UNSURE,
      }).last;
      chances.set(`${experienceId}@${channel}`, probability);
    }
    expect([...chances.keys()].sort()).toEqual(["e@box", "e@hook", "f@box"]);
    expect([...chances.values()].reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 3);
  });

  test("is deterministic, ids and draws included", () => {
    const given = {
      settings: `${TWO}\nlearning: {explore: thompson}`,
      experiences: [ON_BOTH, "id: f"],
      signals: [["06-01 15:00", "go", {}, { id: "one" }] as const],
      until: "06-30 00:00",
      options: UNSURE,
    };
    expect(play(given).decisions).toEqual(play(given).decisions);
    expect(play(given).last.decisionId).not.toBe(play({ ...given, signals: [["06-01 15:00", "go", {}, { id: "two" }]] }).last.decisionId);
  });
});

describe("approval", () => {
  const settings = "governance: {approval: [\"experience.id == 'e'\"]}\nmoments: {m: {on: go, expires: 2d}}";
  const answered = (state: "approved" | "rejected", more: Scenario["signals"] = []) => {
    const story = play({ settings, experiences: ["value: 9", "id: f"], signals: [["06-01 15:00", "go", {}, { id: "asked" }]] });
    story.customer = { ...story.customer, approvals: story.customer.approvals.map((approval) => ({ ...approval, state })) };
    story.signal("2026-06-01T16:00:00Z", "answered");
    for (const [time, type] of more) story.signal(`2026-${time.replace(" ", "T")}Z`, type);
    return story.decisions.map(inShort).slice(1);
  };
  test("given, sends it if it still wins", () => expect(answered("approved")).toEqual(["06-01 16:00 deliver e@box"]));
  test("refused, lets the next one win", () => expect(answered("rejected")).toEqual(["06-01 16:00 deliver f@box"]));
  test("is asked again for the next moment", () => {
    expect(answered("rejected", [["06-01 17:00", "go"]])).toEqual([
      "06-01 16:00 deliver f@box",
      "06-01 17:00 await_approval e@box: approval_required",
    ]);
  });
});

describe("a stated fact that has changed since", () => {
  const REPAIR = "id: repair\nserves: [fact_corrected]\nchannels: {box: {text: Sorry}}";
  const said = (given: Parameters<typeof aDelivery>[0] = {}): GivenCustomer => ({
    said: [{ source: "leasing", at: at("2026-05-01"), traits: { ends: "2026-09-01" } }],
    deliveries: [aDelivery({ at: at("2026-05-20"), stated: { ends: "2026-09-01" }, ...given })],
  });
  const changed = (time: string, ends: string | null) => [time, "customer.updated", { traits: { ends } }, { source: "leasing" }] as const;
  const CHANGED = [changed("06-01 15:00", "2026-10-01")];
  const MENDED = "06-01 15:00 deliver repair@box";
  const CASES: Scenario[] = [
    { name: "is repaired", experiences: [REPAIR], customer: said(), signals: CHANGED, wanted: [MENDED] },
    {
      name: "is not corrected where no approved experience does",
      experiences: [`${REPAIR}\nstatus: draft`],
      customer: said(),
      signals: CHANGED,
      wanted: [],
    },
    {
      name: "is not where the same is said again",
      experiences: [REPAIR],
      customer: said(),
      signals: [changed("06-01 15:00", "2026-09-01")],
      wanted: [],
    },
    {
      name: "is not 90 days after it was said",
      experiences: [REPAIR],
      customer: said({ at: at("2026-06-01T15:00:00Z") - 90 * DAY }),
      signals: CHANGED,
      wanted: [],
    },
    {
      name: "is a moment before that",
      experiences: [REPAIR],
      customer: said({ at: at("2026-06-01T15:00:00Z") - 90 * DAY + 1 }),
      signals: CHANGED,
      wanted: [MENDED],
    },
    {
      name: "is not where it never went out",
      experiences: [REPAIR],
      customer: said({ status: "cancelled" }),
      signals: CHANGED,
      wanted: [],
    },
    {
      name: "is repaired once for each value",
      experiences: [REPAIR],
      customer: said(),
      signals: [...CHANGED, ["06-02 15:00", "x"], changed("06-03 15:00", "2026-11-01"), ["06-04 15:00", "x"]],
      wanted: [MENDED, "06-03 15:00 deliver repair@box"],
    },
    {
      name: "is not repaired again when it changes back and forth",
      experiences: [REPAIR],
      customer: said(),
      signals: [...CHANGED, changed("06-02 15:00", "2026-09-01"), changed("06-03 15:00", "2026-10-01")],
      wanted: [MENDED],
    },
    {
      name: "is not where an older source says otherwise and does not win",
      settings: "record: {fields: {ends: {rule: source_sequence, sources: [leasing, dealer]}}}",
      experiences: [REPAIR],
      customer: said(),
      signals: [["06-01 15:00", "customer.updated", { traits: { ends: "2026-10-01" } }, { source: "dealer" }]],
      wanted: [],
    },
  ];
  test.each(CASES)("$name", check);

  test("opens for a week, with the stated value and the current one", () => {
    const story = play({ settings: "governance: {approval: [true]}", experiences: [REPAIR], customer: said(), signals: CHANGED });
    expect(story.customer.moments).toMatchObject([
      {
        name: "fact_corrected",
        openedAt: at("2026-06-01T15:00:00Z"),
        expiresAt: at("2026-06-08T15:00:00Z"),
        data: { deliveryId: "d-1", facts: { ends: { said: "2026-09-01", now: "2026-10-01" } } },
      },
    ]);
  });
});
