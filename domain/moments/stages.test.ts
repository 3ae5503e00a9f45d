import { describe, expect, test } from "vitest";
import { play, type Scenario, tell } from "../../testing/tell.ts";

/** A buyer is active for 30 days after an order, and lapsed from then on. */
const STAGES = `
  stages:
    active: {when: "customer.orders > 0 && daysSince(customer.lastOrder) < 30"}
    lapsed: {when: customer.orders > 0}
    prospect: {}`;
const BACK = "moments: {back: {on: stage.changed, when: \"signal.data.to == 'lapsed'\", expires: 30d, closes: [stage.changed]}}";
const WIN_BACK = "serves: [back]";

const ordered = (time: string, orders = 1) =>
  [time, "order.placed", { traits: { orders, lastOrder: `2026-${time.replace(" ", "T")}:00Z` } }] as const;

/** The changes of stage that a story leaves. */
const changesOf = (given: Omit<Scenario, "name" | "wanted">) =>
  play(given).changes.flatMap((change) =>
    change.type === "stage_changed" ? [`${new Date(change.at).toISOString().slice(5, 16)} ${change.from} > ${change.to}`] : [],
  );

describe("a stage", () => {
  test("is the first that holds, and every change is kept with its time, the first from null", () => {
    expect(changesOf({ settings: STAGES, signals: [["06-01 15:00", "go"], ordered("06-02 15:00")], until: "07-05 15:00" })).toEqual([
      "06-01T15:00 null > prospect",
      "06-02T15:00 prospect > active",
      // The clock of 09:00 in Chicago on the first morning after 30 days.
      "07-03T14:00 active > lapsed",
    ]);
  });

  test("is null again once none holds", () => {
    const settings = "stages: {active: {when: customer.on}}";
    const signals = [
      ["06-01 15:00", "customer.updated", { traits: { on: true } }],
      ["06-01 16:00", "customer.updated", { traits: { on: false } }],
    ] as const;
    expect(changesOf({ settings, signals })).toEqual(["06-01T15:00 null > active", "06-01T16:00 active > null"]);
  });

  test("is looked at again after the wake: a promise that it opens counts", () => {
    const settings = 'stages: {waiting: {when: "customer.promises.size() > 0"}, calm: {}}';
    expect(changesOf({ settings, signals: [["06-01 15:00", "message.received", { channel: "box", text: "Hi" }]] })).toEqual([
      "06-01T15:00 null > calm",
      "06-01T15:00 calm > waiting",
    ]);
  });

  test("costs a policy without stages nothing: no change, no daily clock, and customer.stage is the trait", () => {
    const given = { settings: "moments: {m: {on: go, expires: 1d, when: \"customer.stage == 'gold'\"}}" };
    const story = play({ ...given, customer: { traits: { stage: "gold" } }, signals: [["06-01 15:00", "go"]] });
    expect(story.decisions).toMatchObject([{ action: "deliver" }]);
    expect(story.decisions[0]).not.toHaveProperty("stage");
    expect(story.customer.stage).toBeUndefined();
    expect(story.customer.timers).not.toHaveProperty("clock.daily");
  });
});

const CASES: Scenario[] = [
  {
    name: "opens a moment in the same wake",
    settings: `${STAGES}\n  ${BACK}`,
    experiences: [WIN_BACK],
    signals: [ordered("06-01 15:00")],
    until: "07-02 15:00",
    wanted: ["07-02 14:00 deliver e@box"],
  },
  {
    name: "closes one in the same wake, before another opens",
    settings: `
      stages: {up: {when: customer.up}, down: {}}
      moments:
        m: {on: stage.changed, when: "signal.data.to == 'down'", expires: 9d, closes: [stage.changed]}
        n: {on: stage.changed, when: "signal.data.to == 'up' && signal.data.from == 'down'", expires: 9d}`,
    experiences: ["serves: [m]\neligibility: ['false']", "id: f\nserves: [n]"],
    signals: [
      ["06-01 15:00", "go"],
      ["06-02 15:00", "customer.updated", { traits: { up: true } }],
    ],
    wanted: ["06-01 15:00 silence: ineligible", "06-02 15:00 deliver f@box"],
  },
  {
    name: "wins over a trait of that name, in conditions of moments and experiences",
    settings: `${STAGES}\n  moments: {m: {on: go, expires: 1d, when: "customer.stage == 'prospect'"}}`,
    experiences: ["eligibility: [\"customer.stage == 'prospect'\"]"],
    customer: { traits: { stage: "active" } },
    signals: [["06-01 15:00", "go"]],
    wanted: ["06-01 15:00 deliver e@box"],
  },
  {
    name: "is missing where none holds, whatever the trait says",
    settings: "stages: {vip: {when: customer.vip}}\nmoments: {m: {on: go, expires: 1d, when: has(customer.stage)}}",
    customer: { traits: { stage: "vip" } },
    signals: [["06-01 15:00", "go"]],
    wanted: [],
  },
  {
    name: "is that of the record as its own signal leaves it",
    settings: `${STAGES}\n  moments: {m: {on: order.placed, expires: 1d, when: "customer.stage == 'active'"}}`,
    signals: [ordered("06-01 15:00")],
    wanted: ["06-01 15:00 deliver e@box"],
  },
  {
    name: "suppresses by `after` from its change on",
    settings: `${STAGES}\n  governance: {suppress: [{after: {signal: stage.changed}, for: 2d}]}`,
    signals: [
      ["06-01 15:00", "go"],
      ["06-02 15:00", "go"],
    ],
    wanted: ["06-01 15:00 defer e@box until 06-03 15:00: suppressed"],
  },
  {
    name: "is counted by count() from its change on",
    settings: `${STAGES}\n  moments: {m: {on: go, expires: 1d, when: "count('stage.changed', '7d') == 2"}}`,
    signals: [["06-01 15:00", "go"], ordered("06-02 15:00"), ["06-03 15:00", "go"]],
    wanted: ["06-03 15:00 deliver e@box"],
  },
  {
    name: "starts the wait of `absent`: a stage that has not changed for so long",
    settings: `${STAGES}\n  moments: {m: {absent: {signal: stage.changed, for: 9d}, expires: 1d}}`,
    signals: [["06-01 15:00", "go"]],
    until: "06-11 15:00",
    wanted: ["06-10 15:00 deliver e@box"],
  },
  {
    name: "is a late signal's when it is decided: dated with the wake",
    settings: `${STAGES}\n  moments: {m: {on: stage.changed, expires: 1h}}`,
    signals: [
      ["06-03 15:00", "x"],
      ["06-01 15:00", "customer.updated", { traits: { orders: 1, lastOrder: "2026-06-01T15:00:00Z" } }],
    ],
    wanted: ["06-03 15:00 deliver e@box", "06-03 15:00 deliver e@box"],
  },
  {
    name: "that a text reads is no fact; a text that needs one is not written without",
    settings: "stages: {vip: {when: customer.vip}}",
    experiences: ["channels: {box: {text: 'You are {{ customer.stage }}'}}"],
    customer: { traits: { stage: "trait" } },
    signals: [
      ["06-01 15:00", "go"],
      ["06-02 15:00", "customer.updated", { traits: { vip: true } }],
    ],
    wanted: ["06-01 15:00 silence: content_rejected", "06-02 15:00 deliver e@box"],
  },
];

test.each(CASES)("a change of stage, or the stage: $name", ({ name: _, wanted, ...given }) => expect(tell(given)).toEqual(wanted));

test("the decision carries the stage that held at its time, and its delivery states no fact of it", () => {
  const { decisions, changes } = play({
    settings: STAGES,
    experiences: ["channels: {box: {text: 'You are {{ customer.stage }}'}}"],
    signals: [["06-01 15:00", "go"]],
  });
  expect(decisions).toMatchObject([{ action: "deliver", stage: "prospect" }]);
  expect(changes.find((change) => change.type === "decided")).toMatchObject({
    delivery: { facts: {}, frozen: { customer: { stage: "prospect" } } },
  });
});

test("a change of stage is the success of what was sent", () => {
  const { changes } = play({
    settings: STAGES,
    experiences: ["success: {signal: stage.changed, when: \"signal.data.to == 'active'\", within: 9d}"],
    signals: [["06-01 15:00", "go"], ordered("06-02 15:00")],
  });
  expect(changes).toContainEqual(
    expect.objectContaining({ type: "outcome_added", outcome: expect.objectContaining({ kind: "converted" }) }),
  );
});
