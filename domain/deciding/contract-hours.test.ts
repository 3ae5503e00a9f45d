import { describe, expect, test } from "vitest";
import { aCustomer, at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { changesOf, Story } from "../../testing/story.ts";
import { inFull, inShort } from "../../testing/tell.ts";
import { type CommonHabit, learnHour, NO_HABIT } from "../learning/common-habit.ts";
import { seededRandom } from "../values/random.ts";
import { byTime, DAY, HOUR } from "../values/time.ts";
import { localTime } from "../values/zone.ts";
import { explain } from "./explain.ts";

const CHICAGO = "America/Chicago";
const random = seededRandom("readers");
/** Everyone opens between 19:00 and 22:00, weekends too, and mostly what has just come. */
const EVENINGS: CommonHabit = Array.from(
  { length: 700 },
  (_, index) => at("2026-04-06T05:00:00Z") + ((index * 29) % (28 * 24)) * HOUR,
).reduce((habit, sentAt) => {
  let until = sentAt;
  while (until < sentAt + 3 * DAY && random() > (isEvening(until) ? 0.4 : 0.02) * Math.exp((sentAt - until) / (4 * HOUR)))
    until += HOUR / 2;
  return learnHour(habit, { sentAt, until, taken: until < sentAt + 3 * DAY, zone: CHICAGO });
}, NO_HABIT);
function isEvening(instant: number): boolean {
  const { hour } = localTime(instant, CHICAGO);
  return hour >= 19 && hour < 22;
}

const TIMES = "learning: {explore: none, times: {channels: [box]}}";

interface Told {
  readonly settings?: string;
  readonly experiences?: readonly string[];
  readonly signals?: readonly (readonly [time: string, type: string])[];
  readonly until?: string;
  readonly habit?: CommonHabit;
}

/** Signals and decisions of one customer, where everyone opens in the evening. Times are UTC; Chicago is five hours behind. */
function told({ settings = TIMES, experiences = [""], signals = [["06-02 15:20", "go"]], until, habit = EVENINGS }: Told = {}) {
  const story = new Story(policyOf(settings, experiences), aCustomer(), { habitOn: () => habit });
  for (const [time, type] of signals) story.signal(inFull(time), type);
  if (until !== undefined) story.until(inFull(until));
  return story;
}
const lines = (given: Told = {}) => told(given).decisions.map(inShort);

describe("a winner waits for a better hour", () => {
  test("with `better_time` and `until`, and goes then without being asked again", () => {
    expect(lines({ until: "06-04 00:00" })).toEqual([
      "06-02 15:20 defer e@box until 06-03 00:00: better_time",
      "06-03 00:00 deliver e@box",
    ]);
  });

  test("and tells it", () => {
    const [reason] = told().last.reasons;
    expect(reason).toMatchObject({ code: "better_time", decidedBy: "rule", retryAt: "2026-06-03T00:00:00Z" });
    expect(reason?.detail).toMatch(/^waits until 19:00: people open in the evening, \d+ % against \d+ % now$/);
  });

  test("which `explain` says in words", () => {
    const { why } = explain({ ...told().last, runId: "r", deliveries: [] });
    expect(why.join(" ")).toMatch(/A better hour is coming \(waits until 19:00: people open in the evening, \d+ % against \d+ % now\)/);
  });

  test("that is hers, where she has shown one", () => {
    const mornings = Array.from({ length: 12 }, (_, index) => ({
      sent: `05-${String(index + 10)} 00:00`,
      read: `05-${String(index + 10)} 12:30`,
    }));
    const story = new Story(
      policyOf(TIMES, [""]),
      aCustomer({
        deliveries: mornings.map(({ sent }, index) => ({
          deliveryId: `d-${index}`,
          experienceId: "old",
          channel: "box",
          status: "delivered",
          at: at(inFull(sent)),
          moments: [],
        })),
        outcomes: mornings.map(({ read }, index) => ({
          deliveryId: `d-${index}`,
          experienceId: "old",
          channel: "box",
          kind: "opened",
          at: at(inFull(read)),
        })),
      }),
      { habitOn: () => EVENINGS },
    );
    story.signal(inFull("06-02 15:20"), "go");
    expect(story.decisions.map(inShort)).toEqual(["06-02 15:20 defer e@box until 06-03 11:00: better_time"]);
    expect(story.last.reasons[0]?.detail).toMatch(/^waits until Wednesday 06:00: she opens in the morning/);
  });

  test.each<[string, Told]>([
    ["without learning.times", { settings: "learning: {explore: none}" }],
    [
      "on another channel",
      { settings: "channels: {box: {kind: file}, hook: {kind: webhook}}\nlearning: {explore: none, times: {channels: [hook]}}" },
    ],
    ["where the moment is urgent", { settings: `moments: {m: {on: go, expires: 30d, urgency: 0.7}}\n${TIMES}` }],
    ["where it is transactional", { experiences: ["transactional: true"] }],
    ["where nothing is learned", { habit: NO_HABIT }],
    ["where the moment ends before a better hour", { settings: `moments: {m: {on: go, expires: 30m}}\n${TIMES}` }],
  ])("not %s", (_, given) => {
    expect(lines(given)).toEqual(["06-02 15:20 deliver e@box"]);
  });

  test("`below` is where an urgent moment begins", () => {
    const moments = "moments: {m: {on: go, expires: 30d, urgency: 0.7}}";
    expect(lines({ settings: `${moments}\n${TIMES.replace("[box]", "[box], below: 0.71")}` })[0]).toMatch(/better_time/);
  });

  test("no longer than `within`, and never until its moment ends", () => {
    const untilOf = (given: Told) => told(given).last.until;
    expect(untilOf({ settings: TIMES.replace("[box]", "[box], within: 5h") })).toBe("2026-06-02T20:00:00Z");
    expect(untilOf({ settings: `moments: {m: {on: go, expires: 4h}}\n${TIMES}` })).toBe("2026-06-02T19:00:00Z");
  });

  test("outside of quiet hours", () => {
    const quiet = `governance: {quietHours: [{from: '16:00', to: '20:00'}]}\n${TIMES}`;
    expect(told({ settings: quiet }).last.until).toBe("2026-06-03T01:00:00Z");
  });

  test("what answers her own message does not wait", () => {
    const settings = `moments: {m: {on: message.received, expires: 30d}}\n${TIMES}`;
    expect(lines({ settings, signals: [["06-02 15:20", "message.received"]] })).toEqual(["06-02 15:20 deliver e@box"]);
  });
});

describe("while it waits", () => {
  const TWO = ["id: a\nvalue: 9", "id: b\nvalue: 1\nchannels: {hook: {payload: {a: 1}}}"];
  const CHANNELS = "channels: {box: {kind: file}, hook: {kind: webhook}}";

  test("nothing else goes for the moments it serves, and it by no other channel", () => {
    const both = "id: a\nvalue: 9\nchannels: {box: {text: Hi}, hook: {payload: {a: 1}}}";
    const settings = `${CHANNELS}\nmoments: {m: {on: go, expires: 30d}, x: {on: other, expires: 30d}}\n${TIMES}`;
    const signals = [
      ["06-02 15:20", "go"],
      ["06-02 17:00", "visit"],
    ] as const;
    expect(lines({ settings, experiences: [both, TWO[1] ?? ""], signals, until: "06-03 01:00" })).toEqual([
      "06-02 15:20 defer a@box until 06-03 00:00: better_time",
      "06-03 00:00 deliver a@box",
    ]);
  });

  test("nothing goes in its stead by other draws", () => {
    const settings = `${CHANNELS}\n${TIMES.replace("explore: none", "explore: thompson")}`;
    for (let customer = 0; customer < 30; customer++) {
      const beliefs = { propensity: () => ({ mean: 0.5, logit: 0, deviation: 2 }), habitOn: () => EVENINGS };
      const story = new Story(
        policyOf(settings, ["id: a", TWO[1]?.replace("value: 1", "value: 10") ?? ""]),
        aCustomer({ customerId: `c-${customer}` }),
        beliefs,
      );
      story.signal(inFull("06-02 15:20"), "go");
      const [first] = story.decisions;
      if (first?.action !== "defer") continue;
      for (let hour = 16; hour < 20; hour++) story.signal(inFull(`06-02 ${hour}:00`), "visit");
      const meanwhile = story.decisions.slice(1).filter(({ decidedAt }) => byTime(decidedAt, first.until ?? "") < 0);
      expect(meanwhile).toEqual([]);
    }
  });

  test("what serves other moments goes, at once where it is ready", () => {
    const settings = `moments: {m: {on: go, expires: 30d}, n: {on: [other, go], expires: 30d, urgency: 0.9}}\n${TIMES}`;
    const experiences = ["id: a\nvalue: 9", "id: b\nserves: [n]\nvalue: 1"];
    const story = told({ settings, experiences, until: "06-03 01:00" });
    expect(story.decisions.map(inShort)).toEqual([
      "06-02 15:20 defer a@box until 06-03 00:00: better_time",
      "06-02 15:20:00.001 deliver b@box",
      "06-03 00:00 deliver a@box",
    ]);
    const [first, second, third] = story.decisions;
    expect(second?.supersedes).toBeUndefined();
    expect(second?.candidates.find(({ experienceId }) => experienceId === "a")?.reasons).toMatchObject([{ code: "better_time" }]);
    expect(third?.supersedes).toBe(first?.decisionId);
  });

  test("a moment that opens later is served meanwhile", () => {
    const settings = `moments: {m: {on: go, expires: 30d}, n: {on: other, expires: 30d, urgency: 0.9}}\n${TIMES}`;
    const signals = [
      ["06-02 15:20", "go"],
      ["06-02 17:00", "other"],
    ] as const;
    expect(lines({ settings, experiences: ["id: a\nvalue: 9", "id: b\nserves: [n]\nvalue: 1"], signals, until: "06-03 01:00" })).toEqual([
      "06-02 15:20 defer a@box until 06-03 00:00: better_time",
      "06-02 17:00 deliver b@box",
      "06-03 00:00 deliver a@box",
    ]);
  });

  test("it no longer goes where its moment was closed", () => {
    const settings = `moments: {m: {on: go, expires: 30d, closes: stop}}\n${TIMES}`;
    const signals = [
      ["06-02 15:20", "go"],
      ["06-02 17:00", "stop"],
    ] as const;
    expect(lines({ settings, signals, until: "06-04 00:00" })).toEqual(["06-02 15:20 defer e@box until 06-03 00:00: better_time"]);
  });

  test("at its hour it goes only if it still wins", () => {
    const signals = [
      ["06-02 15:20", "go"],
      ["06-02 17:00", "visit"],
    ] as const;
    const better = "id: b\nvalue: 99\neligibility: [{when: \"count('visit', '7d') > 0\"}]";
    expect(lines({ experiences: ["id: a", better], signals, until: "06-03 01:00" })).toEqual([
      "06-02 15:20 defer a@box until 06-03 00:00: better_time",
      "06-03 00:00 deliver b@box",
    ]);
  });

  test("it is withheld by the holdout at once: nothing waits there", () => {
    expect(lines({ settings: `governance: {holdout: 1}\n${TIMES}` })).toEqual(["06-02 15:20 withhold e@box: holdout"]);
  });
});

describe("while exploring", () => {
  const settings = TIMES.replace("explore: none", "explore: thompson");
  const first = (customerId: string) => {
    const story = new Story(policyOf(settings, [""]), aCustomer({ customerId }), { habitOn: () => EVENINGS });
    story.signal(inFull("06-02 15:20"), "go", {}, { id: "go" }).until(inFull("06-04 00:00"));
    return story.decisions;
  };

  test("the hour is drawn by customer, and the decision carries it with its probability, also the one that carries it out", () => {
    const all = Array.from({ length: 40 }, (_, index) => first(`c-${index}`));
    expect(new Set(all.map(([one]) => one?.hour?.at)).size).toBeGreaterThan(3);
    for (const [asked, done] of all) {
      expect(asked?.hour?.probability).toBeGreaterThan(0);
      expect(asked?.probability).toBeCloseTo(asked?.hour?.probability ?? 0);
      if (asked?.action === "deliver") expect(asked.hour?.at).toBe(asked.decidedAt);
      else {
        expect(asked).toMatchObject({ action: "defer", until: asked?.hour?.at });
        expect(done).toMatchObject({ action: "deliver", decidedAt: asked?.until, hour: asked?.hour, probability: 1 });
      }
    }
  });

  test("the same customer draws the same hour again", () => {
    expect(first("c-1")).toEqual(first("c-1"));
  });

  test("without exploring, nothing is drawn and no hour is carried", () => {
    expect(told().last.hour).toBeUndefined();
    expect(told().last.probability).toBe(1);
  });
});

describe("a delivery teaches everyone's habit", () => {
  const lessons = (settings: string, steps: readonly (readonly [time: string, type: string])[]) => {
    const story = new Story(policyOf(settings, [""]), aCustomer());
    story.signal(inFull("06-02 15:20"), "go");
    const { deliveryId } = story.customer.deliveries[0] ?? { deliveryId: "" };
    for (const [time, type] of steps) story.signal(inFull(time), type, { deliveryId });
    return changesOf(story.until(inFull("06-20 00:00")).changes, "hour_lesson").map(({ until, taken, sentAt, zone }) => {
      expect([sentAt, zone]).toEqual([at(inFull("06-02 15:20")), CHICAGO]);
      return [new Date(until).toISOString().slice(5, 16), taken];
    });
  };

  test.each<[string, (readonly [string, string])[], (readonly [string, boolean])[]]>([
    [
      "when it is opened, once",
      [
        ["06-02 16:00", "delivery.opened"],
        ["06-02 17:00", "delivery.clicked"],
      ],
      [["06-02T16:00", true]],
    ],
    ["when it is clicked or replied to", [["06-03 16:00", "delivery.replied"]], [["06-03T16:00", true]]],
    ["when it is ignored, once, whatever comes later", [["06-19 16:00", "delivery.opened"]], [["06-09T15:20", false]]],
    ["not when it bounced", [["06-02 16:00", "delivery.bounced"]], []],
  ])("%s", (_, steps, wanted) => {
    expect(lessons(TIMES, steps)).toEqual(wanted);
  });

  test("on channels of learning.times alone", () => {
    expect(lessons("learning: {explore: none}", [["06-02 16:00", "delivery.opened"]])).toEqual([]);
  });
});
