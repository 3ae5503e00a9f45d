import { describe, expect, test } from "vitest";
import type { StoryGhost, StoryItem } from "../../domain/story/story-item.ts";
import { firstInSight, folded, type LaneMark, layoutStory, stopsIn, widthsOf } from "./story-lanes.layout.ts";

const item = (at: string, given: Partial<StoryItem>): StoryItem => ({
  ...{ id: at, at: `2026-06-${at}:00Z`, kind: "signal", mark: "said", lane: "customer", title: "go", refs: [] },
  ...given,
});
const decision = (at: string, given: Partial<StoryItem>) =>
  item(at, { kind: "decision", lane: "department", department: "sales", refs: [{ table: "decisions", id: `d-${at}` }], ...given });
const ghost: StoryGhost = {
  ...{ at: "2026-06-01T15:00:00Z", experienceId: "news", name: "News", department: "marketing", channel: "mail", decisionId: "d-1" },
  reason: { code: "cap_reached", detail: "day: 1" },
};

const inShort = ({ kind, lane, title }: LaneMark) => `${kind} ${lane}: ${title}`;
const shown = (items: StoryItem[], ghosts: StoryGhost[] = []) => {
  const { lanes, rows } = layoutStory({ items, ghosts, departments: ["sales", "service"] });
  return {
    lanes: lanes.map(({ title }) => title),
    rows: rows.map(({ band, cells }) => [...(band ? [`silent ${band.looks}`] : []), ...cells.flat().map(inShort)]),
  };
};

describe("the lanes", () => {
  test.each<[string, StoryItem[], StoryGhost[], string[]]>([
    ["are the customer, each department of the policy, and people", [], [], ["customer", "sales", "service", "people"]],
    [
      "have one more for a department that the policy has no more",
      [decision("01T15:00", { department: "garden" })],
      [],
      ["customer", "sales", "service", "garden", "people"],
    ],
    [
      "have one for what belongs to no department",
      [item("01T15:00", { lane: "all" })],
      [],
      ["customer", "sales", "service", "no department", "people"],
    ],
    [
      "have none for silence, which is a band",
      [decision("01T15:00", { mark: "silent", lane: "all" })],
      [],
      ["customer", "sales", "service", "people"],
    ],
    ["have one for a department that would have sent alone", [], [ghost], ["customer", "sales", "service", "marketing", "people"]],
  ])("%s", (_what, items, ghosts, wanted) => {
    expect(shown(items, ghosts).lanes).toEqual(wanted);
  });
});

describe("the rows", () => {
  test("hold what happened within a minute, in the order of the lanes", () => {
    const items = [item("01T15:00", {}), decision("01T15:00", { mark: "sent", title: "Hello" }), item("01T15:01", { title: "come" })];
    expect(shown(items).rows).toEqual([["said customer: go", "sent department sales: Hello"], ["said customer: come"]]);
  });

  test("show what a decision held back in the lanes of those who wanted it", () => {
    const items = [
      decision("01T15:00", {
        mark: "sent",
        title: "Hello",
        held: [
          { experienceId: "news", department: "service", reason: { code: "lower_priority" } },
          { experienceId: "stray", reason: { code: "suppressed" } },
        ],
      }),
    ];
    expect(shown(items).rows).toEqual([["sent department sales: Hello", "held department service: news", "held all: stray"]]);
  });

  test("show silence as a band, with what it held back", () => {
    const items = [
      item("01T15:00", {}),
      decision("01T15:00", {
        mark: "silent",
        lane: "all",
        looks: 4,
        held: [{ experienceId: "news", department: "sales", reason: { code: "cap_reached" } }],
      }),
    ];
    expect(shown(items).rows).toEqual([["said customer: go"], ["silent 4", "held department sales: news"]]);
  });

  test("are in order of time, ghosts among them", () => {
    expect(shown([item("02T15:00", {})], [ghost]).rows).toEqual([["alone department marketing: news"], ["said customer: go"]]);
  });
});

test("each mark leads to its decision, and says by whom, through what and until when", () => {
  const { rows } = layoutStory({
    departments: [],
    items: [
      decision("01T15:00", {
        mark: "waits",
        channel: "mail",
        status: "waits",
        due: "2026-06-02T15:00:00Z",
        reason: { code: "cap_reached" },
      }),
      decision("01T16:00", { mark: "sent", channel: "mail", status: "sent" }),
      item("01T17:00", { by: "crm", text: "I keep it" }),
    ],
    ghosts: [{ ...ghost, sentAt: "2026-06-03T15:00:00Z" }],
  });
  const marks = rows.flatMap(({ cells }) => cells.flat());
  expect(marks.map(({ decision, more, until, text }) => [decision, more, until, text])).toEqual([
    ["d-01T15:00", ["mail"], "2026-06-02T15:00:00Z", undefined],
    ["d-1", ["mail"], "2026-06-03T15:00:00Z", undefined],
    ["d-01T16:00", ["mail"], undefined, undefined],
    [undefined, ["crm"], undefined, "I keep it"],
  ]);
});

test.each([
  ["the latest rows of a long story", 40, {}, 20],
  ["all of a short one", 20, {}, 0],
  ["all where the whole is asked for", 40, { isWhole: true }, 0],
  ["the latest where the open decision is among them", 40, { selected: "d-01T15:35" }, 20],
  ["all where the open decision is earlier", 40, { selected: "d-01T15:05" }, 0],
])("in sight are %s", (_what, minutes, given, first) => {
  const items = Array.from({ length: minutes }, (_, minute) => decision(`01T15:${String(minute).padStart(2, "0")}`, { mark: "sent" }));
  expect(firstInSight(layoutStory({ items, departments: [] }), { isWhole: false, ...given })).toBe(first);
});

describe("the picture", () => {
  const reason = { code: "suppressed" } as const;
  const held = ["a", "b", "c"].map((experienceId) => ({ experienceId, department: experienceId === "c" ? "service" : "sales", reason }));
  const { rows } = layoutStory({
    items: [decision("01T15:00", { mark: "silent", lane: "all", held }), decision("01T16:00", { mark: "sent", title: "Hello", held })],
    departments: ["sales", "service"],
  });

  test("has one mark for several that a decision held back in a lane, with their names; its rows stay as they are", () => {
    const drawn = folded(rows);
    expect(drawn.map(({ cells }) => cells.flat().map(({ title, text, stands, reason: why }) => [title, text, stands, why]))).toEqual([
      [
        ["2 held back", "a, b", 2, undefined],
        ["c", undefined, undefined, reason],
      ],
      [
        ["Hello", undefined, undefined, undefined],
        ["2 held back", "a, b", 2, undefined],
        ["c", undefined, undefined, reason],
      ],
    ]);
    expect(rows[0]?.cells.flat().map(({ title }) => title)).toEqual(["a", "b", "c"]);
  });

  test("has bands and marks as stops of the arrow keys, in their order", () => {
    expect(stopsIn(folded(rows))).toEqual([...["01T15:00", "01T15:00 a", "01T15:00 c"], ...["01T16:00", "01T16:00 a", "01T16:00 c"]]);
  });

  test.each([
    ["even where there is no mark", [], [1, 1, 1, 1]],
    ["wider where there is more, and narrower where there is less", rows, [0.75, 1.25, 1.07, 0.75]],
  ])("has lanes that are %s", (_what, given, wanted) => {
    expect(widthsOf(given, 4)).toEqual(wanted);
  });
});
