import { describe, expect, test } from "vitest";
import { play, type Scenario, tell } from "../../testing/tell.ts";

const check = ({ name: _, wanted, ...given }: Scenario) => expect(tell(given)).toEqual(wanted);

/** `e` serves `m`, and the follow-up `f` what became of it. */
const FOLLOWS = (type: string, rest = "") => `moments: {m: {on: go, expires: 30d}, after: {on: ${type}, expires: 3d${rest}}}`;
const FOLLOWED = ["success: {signal: bought, within: 5d}\ndepartment: sales", "id: f\nserves: [after]\nchannels: {box: {text: hi}}"];
const DEPARTMENTS = "\ndepartments: [sales]";
const delivered = (story: ReturnType<typeof play>): string => story.customer.deliveries[0]?.deliveryId ?? expect.fail("nothing was sent");

describe("W18: what becomes of a delivery opens moments", () => {
  const CASES: Scenario[] = [
    {
      name: "ignored, at the end of the wait for a response",
      settings: FOLLOWS("delivery.ignored") + DEPARTMENTS,
      experiences: FOLLOWED,
      signals: [["06-01 15:00", "go"]],
      until: "06-10 00:00",
      wanted: ["06-01 15:00 deliver e@box", "06-06 15:00 deliver f@box"],
    },
    {
      name: "converted, with the signal that is the success",
      settings: FOLLOWS("delivery.converted") + DEPARTMENTS,
      experiences: FOLLOWED,
      signals: [
        ["06-01 15:00", "go"],
        ["06-02 15:00", "bought"],
        ["06-03 15:00", "bought"],
      ],
      until: "06-20 00:00",
      wanted: ["06-01 15:00 deliver e@box", "06-02 15:00 deliver f@box"],
    },
    {
      name: "asked about as signal.data and as moment.data",
      settings:
        FOLLOWS(
          "delivery.ignored",
          ", when: \"signal.type == 'delivery.ignored' && signal.data.experienceId == 'e' && moment.data.channel == 'box' && signal.data.department == 'sales'\"",
        ) + DEPARTMENTS,
      experiences: FOLLOWED,
      signals: [["06-01 15:00", "go"]],
      until: "06-20 00:00",
      wanted: ["06-01 15:00 deliver e@box", "06-06 15:00 deliver f@box"],
    },
    {
      name: "not by a delivery of another experience",
      settings: FOLLOWS("delivery.ignored", ", when: \"moment.data.experienceId == 'f'\"") + DEPARTMENTS,
      experiences: FOLLOWED,
      signals: [["06-01 15:00", "go"]],
      until: "06-20 00:00",
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "read by the experience as the signal of the wake",
      settings: FOLLOWS("delivery.ignored") + DEPARTMENTS,
      experiences: [FOLLOWED[0] ?? "", `${FOLLOWED[1]}\neligibility: ["signal.data.experienceId == 'e'"]`],
      signals: [["06-01 15:00", "go"]],
      until: "06-10 00:00",
      wanted: ["06-01 15:00 deliver e@box", "06-06 15:00 deliver f@box"],
    },
    {
      name: "closed by it",
      settings: "moments: {m: {on: go, expires: 30d}, n: {on: go, expires: 30d, closes: [delivery.ignored]}}\ndepartments: [sales]",
      experiences: [FOLLOWED[0] ?? "", "id: f\nserves: [n]\nchannels: {box: {text: hi}}\napplicability: [\"count('x', '1d') > 0\"]"],
      signals: [
        ["06-01 15:00", "go"],
        ["06-06 15:01", "x"],
      ],
      wanted: ["06-01 15:00 deliver e@box", "06-02 15:00 silence: not_applicable"],
    },
    {
      name: "counted by it",
      settings:
        "moments: {m: {on: go, expires: 30d}, n: {on: x, expires: 1d, when: \"count('delivery.ignored', '30d') == 1\"}}\ndepartments: [sales]",
      experiences: [FOLLOWED[0] ?? "", "id: f\nserves: [n]\nchannels: {box: {text: hi}}"],
      signals: [
        ["06-01 15:00", "go"],
        ["06-05 15:00", "x"],
        ["06-07 15:00", "x"],
      ],
      wanted: ["06-01 15:00 deliver e@box", "06-07 15:00 deliver f@box"],
    },
    {
      name: "absent since it",
      settings: "moments: {m: {on: go, expires: 30d}, n: {absent: {signal: delivery.ignored, for: 2d}, expires: 1d}}\ndepartments: [sales]",
      experiences: [FOLLOWED[0] ?? "", "id: f\nserves: [n]\nchannels: {box: {text: hi}}"],
      signals: [["06-01 15:00", "go"]],
      until: "06-10 00:00",
      wanted: ["06-01 15:00 deliver e@box", "06-08 15:00 deliver f@box"],
    },
    {
      name: "held after it",
      settings:
        "moments: {m: {on: go, expires: 30d}, n: {on: x, expires: 1d}}\ndepartments: [sales]\ngovernance: {suppress: [{after: {signal: delivery.ignored}, for: 1d}]}",
      experiences: [FOLLOWED[0] ?? "", "id: f\nserves: [n]\nchannels: {box: {text: hi}}"],
      signals: [
        ["06-01 15:00", "go"],
        ["06-06 16:00", "x"],
      ],
      wanted: ["06-01 15:00 deliver e@box", "06-06 16:00 defer f@box until 06-07 15:00: suppressed"],
    },
  ];
  test.each(CASES)("W18: $name", check);

  test("W18: a provider's receipt says which experience, channel and department it is about, whatever it claims itself", () => {
    const story = play({
      settings:
        FOLLOWS("delivery.clicked", ", when: \"signal.data.experienceId == 'e' && moment.data.department == 'sales'\"") + DEPARTMENTS,
      experiences: FOLLOWED,
      signals: [["06-01 15:00", "go"]],
    });
    story.signal("2026-06-02T15:00:00Z", "delivery.clicked", { deliveryId: delivered(story), experienceId: "x", url: "/a" });
    expect(story.told).toEqual(["2026-06-01T15:00:00Z deliver e", "2026-06-02T15:00:00Z deliver f"]);
    const { data } = story.changes.flatMap((change) => (change.type === "moment_opened" ? [change.moment] : []))[1] ?? expect.fail();
    expect(data).toEqual({ deliveryId: delivered(story), experienceId: "e", channel: "box", department: "sales", url: "/a" });
  });

  test("W18: one that is opened is not ignored, and without a success nothing waits any longer", () => {
    const story = play({
      settings: FOLLOWS("delivery.ignored"),
      experiences: ["", FOLLOWED[1] ?? ""],
      signals: [["06-01 15:00", "go"]],
    });
    story.signal("2026-06-02T15:00:00Z", "delivery.opened", { deliveryId: delivered(story) }).until("2026-07-01T00:00:00Z");
    expect(story.told).toEqual(["2026-06-01T15:00:00Z deliver e"]);
  });

  test("W18: a provider's delivery.sent opens nothing again once the hand-over was heard", () => {
    const story = play({ settings: FOLLOWS("delivery.sent"), experiences: ["", FOLLOWED[1] ?? ""], signals: [["06-01 15:00", "go"]] });
    story.signal("2026-06-01T15:00:01Z", "delivery.sent", { deliveryId: delivered(story) });
    expect(story.told).toEqual(["2026-06-01T15:00:00Z deliver e"]);
    story.signal("2026-06-01T15:00:02Z", "delivery.sent", { deliveryId: "of somebody else" });
    expect(story.told).toEqual(["2026-06-01T15:00:00Z deliver e", "2026-06-01T15:00:02Z deliver f"]);
  });

  test("W18: where no rule listens, nothing is written about it", () => {
    const story = play({
      experiences: [FOLLOWED[0] ?? ""],
      settings: "departments: [sales]",
      signals: [["06-01 15:00", "go"]],
      until: "06-20 00:00",
    });
    expect(Object.keys(story.customer.seen)).toEqual(["go"]);
  });
});
