import { describe, expect, test } from "vitest";
import type { StoryGhost, StoryItem } from "../../domain/story/story-item.ts";
import { firstInSight, type LaneMark, layoutStory, marksIn } from "./story-lanes.layout.ts";

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
  const marks = marksIn(
    layoutStory({
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
    }),
  );
  expect(marks.map(({ decision, more, until, text }) => [decision, more, until, text])).toEqual([
    ["d-01T15:00", ["mail"], "2026-06-02T15:00:00Z", undefined],
    ["d-1", ["mail"], "2026-06-03T15:00:00Z", undefined],
    ["d-01T16:00", ["mail"], undefined, undefined],
    [undefined, ["crm"], undefined, "I keep it"],
  ]);
});

test.each([
  ["the latest rows of a long story", 40, {}, 10],
  ["all of a short one", 30, {}, 0],
  ["all where the whole is asked for", 40, { isWhole: true }, 0],
  ["the latest where the open decision is among them", 40, { selected: "d-01T15:35" }, 10],
  ["all where the open decision is earlier", 40, { selected: "d-01T15:05" }, 0],
])("in sight are %s", (_what, minutes, given, first) => {
  const items = Array.from({ length: minutes }, (_, minute) => decision(`01T15:${String(minute).padStart(2, "0")}`, { mark: "sent" }));
  expect(firstInSight(layoutStory({ items, departments: [] }), { isWhole: false, ...given })).toBe(first);
});
