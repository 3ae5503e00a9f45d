import { describe, expect, test } from "vitest";
import { aPromise, at } from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { wakeUp } from "../../testing/story.ts";
import { fates, inShort, play, type Scenario, type ScenarioSignal, tell } from "../../testing/tell.ts";
import type { Wake } from "../entities/wake.ts";
import { holdTimer } from "../record/delivery-events.ts";
import { iso } from "../values/time.ts";
import type { Pause } from "./pause.ts";

type Given = Omit<Scenario, "name" | "wanted">;

/** A place of ours, and a tool that sends mail by itself but asks first. */
const CHANNELS =
  "channels: {box: {kind: file}, web: {kind: pull, places: [hero, banner]}, mail: {kind: smtp, url: 'smtp://localhost', from: a@example.com}, tool: {kind: pull, like: mail, counts: true, hold: 10m}}";
const MARY = { identities: { email: "mary@example.com" }, consents: { mail: "granted" } } as const;
const WEB = "channels: {web: {content: {headline: Hello}}}";
const TOOL = "channels: {tool: {content: {subject: Hello}}}";
const GO = ["06-01 15:00", "go"] as const;

const ask = (time: string, data: ScenarioSignal[2] = {}): ScenarioSignal => [
  time,
  "sentient.ask",
  { channel: "web", places: ["hero"], ...data },
];
const toolAsks = (time: string): ScenarioSignal => ask(time, { channel: "tool", places: ["main"] });

/** A story on these channels, without exploration. */
const story = ({ settings = "", ...given }: Partial<Given> & Pick<Given, "signals">): Given => ({
  settings: `${CHANNELS}\nmoments: {m: {on: go, expires: 30d, closes: [stop]}, soon: {on: come, expires: 5m}}\n${settings}`,
  experiences: [WEB],
  customer: MARY,
  ...given,
});

const outcomes = (given: Given) => play(given).customer.outcomes.map(({ kind, experienceId }) => `${experienceId} ${kind}`);
const lessons = (given: Given) =>
  play(given).changes.flatMap((change) => (change.type === "lesson" ? [`${change.experienceId} ${change.reward}`] : []));
const momentsLeft = (given: Given) => play(given).customer.moments.map(({ name }) => name);

describe("a hold", () => {
  const held = (signals: readonly ScenarioSignal[], rest: Partial<Given> = {}) => ({
    ...story({ experiences: [TOOL], signals: [GO, toolAsks("06-01 15:01"), ...signals], ...rest }),
  });
  const about = (time: string, type: string, rest: Partial<{ source: string }> = {}): ScenarioSignal => [
    time,
    type,
    { deliveryId: "#1" },
    rest,
  ];

  test.each<readonly [string, Given, string]>([
    ["is reserved until the tool confirms", held([]), "reserved"],
    ["is sent by delivery.sent", held([about("06-01 15:05", "delivery.sent")]), "sent"],
    ["is sent where that is confirmed at its last instant", held([about("06-01 15:11", "delivery.sent")]), "sent"],
    ["is confirmed by a receipt that implies it", held([about("06-01 15:05", "delivery.opened")]), "delivered"],
    ["ends when it is released", held([about("06-01 15:05", "delivery.released")]), "cancelled: released"],
    ["ends by itself", held([], { until: "06-01 15:11" }), "cancelled: hold_over"],
    ["does not end by itself before", held([], { until: "06-01 15:10:59" }), "reserved"],
    [
      "is not ended once it is sent",
      held([about("06-01 15:05", "delivery.sent"), about("06-01 15:06", "delivery.released")], { until: "06-02 00:00" }),
      "sent",
    ],
    [
      "ends with a revocation of the channel that it is like",
      held([["06-01 15:05", "customer.consent", { channel: "mail", status: "revoked" }]]),
      "cancelled: consent_revoked",
    ],
    [
      "ends with a revocation of its own channel",
      held([["06-01 15:05", "customer.consent", { channel: "tool", status: "denied" }]]),
      "cancelled: consent_revoked",
    ],
    [
      "stands where another channel is revoked",
      held([["06-01 15:05", "customer.consent", { channel: "box", status: "revoked" }]]),
      "reserved",
    ],
    [
      "ends with a suppression that begins",
      held([["06-01 15:05", "case.opened", { caseId: "k" }]], { settings: "governance: {suppress: [{when: customer.openCases > 0}]}" }),
      "cancelled: suppressed",
    ],
    [
      "does not suppress itself",
      held([["06-01 15:05", "x"]], { settings: "governance: {suppress: [{when: \"touches('1d') > 0\"}]}" }),
      "reserved",
    ],
    [
      "ends with a promise that suppresses its department",
      held([["06-01 15:05", "back"]], {
        settings: "promises: {p: {opens: back, due: 7d, owner: finance, whileOpen: {suppress: [sales]}}}",
        experiences: [`${TOOL}\ndepartment: sales`],
      }),
      "cancelled: promise_open",
    ],
    ["ends when its moment is closed", held([["06-01 15:05", "stop"]]), "cancelled: moment_expired"],
    [
      "ends when its moment expires",
      held([], {
        experiences: [`${TOOL}\nserves: [soon]`],
        signals: [["06-01 15:00", "come"], toolAsks("06-01 15:01")],
        until: "06-01 15:06",
      }),
      "cancelled: moment_expired",
    ],
    [
      "ends with a goal reached",
      held([["06-01 15:05", "bought"]], { experiences: [`${TOOL}\nsuccess: {signal: bought, within: 7d}`] }),
      "cancelled: goal_met",
    ],
    [
      "stays sent where it is confirmed twice, by another key",
      held([about("06-01 15:05", "delivery.sent"), about("06-01 15:06", "delivery.sent", { source: "another" })], { until: "06-02 00:00" }),
      "sent",
    ],
    ["is sent by a confirmation after its end", held([about("06-01 16:00", "delivery.sent")]), "sent"],
    [
      "is sent by a confirmation after a revocation",
      held([["06-01 15:05", "customer.consent", { channel: "mail", status: "revoked" }], about("06-01 15:06", "delivery.sent")]),
      "sent",
    ],
    [
      "is sent by a confirmation after its release",
      held([about("06-01 15:05", "delivery.released"), about("06-01 15:06", "delivery.sent")]),
      "sent",
    ],
    ["bounces where a late confirmation says so", held([about("06-01 16:00", "delivery.bounced")]), "bounced"],
  ])("%s", (_name, given, wanted) => {
    expect(fates(play(given))).toEqual([wanted]);
    expect(Object.keys(play(given).customer.timers).filter((key) => key.startsWith("hold:")).length).toBe(wanted === "reserved" ? 1 : 0);
  });

  test("ends with a pause, by the timer that a pause fires early; before that, such a timer is only set again", () => {
    const given = held([]);
    const { customer } = play(given);
    const policy = policyOf(`${given.settings}\nlearning: {explore: none}`, given.experiences);
    const key = holdTimer(customer.deliveries[0]?.deliveryId ?? "");
    const now = at("2026-06-01T15:05:00Z");
    const wake: Wake = { kind: "timer", customerId: "c-1", key, name: key, due: now };
    const woken = (pauses: readonly Pause[]) => wakeUp(customer, wake, policy, { pauses }).customer;
    const pause = (name: string): Pause => ({ scope: "channel", name, by: "ann", since: now });
    expect(woken([pause("web")]).deliveries.map(({ status }) => status)).toEqual(["reserved"]);
    expect(woken([pause("web")]).timers[key]?.due).toBe(at("2026-06-01T15:11:00Z"));
    expect(woken([pause("tool")]).deliveries.map(({ status }) => status)).toEqual(["cancelled"]);
    expect(woken([pause("tool")]).timers[key]).toBeUndefined();
  });

  test("its end frees its slot and its touch; a confirmation after that counts from then on, even past a cap", () => {
    const settings = "governance: {caps: [{id: one, channel: mail, max: 1, window: 7d}]}";
    const experiences = [
      TOOL,
      "id: f\nvalue: 2\nserves: [asking]\nchannels: {tool: {content: {subject: Hi}}}\nlimits: {perCustomer: 1, window: 30d}",
    ];
    const signals = [toolAsks("06-01 15:01"), toolAsks("06-01 15:12"), about("06-01 15:13", "delivery.sent"), toolAsks("06-01 15:14")];
    const told = play(story({ settings, experiences, signals }));
    expect(told.decisions.map(inShort)).toEqual([
      "06-01 15:01 deliver f@tool",
      "06-01 15:12 deliver f@tool",
      // With its own slot left aside the second may not go: the first has passed the cap.
      "06-01 15:14 defer f@tool until 07-01 15:12: cap_reached, limit_reached",
    ]);
    expect(fates(told)).toEqual(["sent", "reserved"]);
    expect(told.customer.touches.map(({ channel, at: time }) => `${iso(time)} ${channel}`).sort()).toEqual([
      "2026-06-01T15:12:00Z mail",
      "2026-06-01T15:13:00Z mail",
    ]);
    const late = told.changes.filter((change) => change.type === "delivery_moved" && change.confirmedLateBy !== undefined);
    expect(late).toMatchObject([{ to: "sent", confirmedLateBy: "web" }]);
  });

  test("was it not confirmed, it makes and keeps no promise and waits for no response; once sent, it does as a message of ours", () => {
    const given = (signals: readonly ScenarioSignal[]) =>
      held(signals, { experiences: [`${TOOL}\npromise: {name: callback, due: 2d, owner: sales}\nsuccess: {signal: bought, within: 7d}`] });
    expect(play(given([])).customer).toMatchObject({ promises: [] });
    const sent = given([about("06-01 15:05", "delivery.sent")]);
    expect(play(sent).customer.promises).toMatchObject([
      { name: "callback", openedAt: at("2026-06-01T15:05:00Z"), due: at("2026-06-03T15:05:00Z") },
    ]);
    expect(outcomes({ ...sent, until: "06-08 15:05" })).toEqual(["e ignored"]);
    expect(outcomes(given([about("06-01 15:05", "delivery.sent"), ["06-02 15:00", "bought"]]))).toEqual(["e converted"]);
    expect(outcomes(given([["06-02 15:00", "bought"]]))).toEqual([]);
  });
});

describe("what a place was given and was not seen", () => {
  const SHOP = `${WEB}\nsuccess: {signal: bought, within: 7d}\npromise: {name: callback, due: 2d, owner: sales}`;
  const given = (signals: readonly ScenarioSignal[], rest: Partial<Given> = {}) =>
    story({ experiences: [SHOP], signals: [GO, ask("06-01 15:01"), ...signals], ...rest });
  const seen = (time: string, kind = "opened", deliveryId = "#1"): ScenarioSignal => [time, `delivery.${kind}`, { deliveryId }];

  test("teaches nothing, gets no outcome, makes no promise, and leaves its moments open", () => {
    const unseen = given([["06-02 15:00", "bought"]], { until: "06-30 00:00" });
    expect([outcomes(unseen), lessons(unseen), play(unseen).customer.promises]).toEqual([[], [], []]);
    expect(momentsLeft(unseen)).toEqual(["m"]);
    expect(outcomes(given([], { until: "06-30 00:00" }))).toEqual([]);
  });

  test.each(["opened", "clicked", "replied", "dismissed"])("%s is seen: its promise is made then, and counts from then", (kind) => {
    const [promise] = play(given([seen("06-02 15:00", kind), seen("06-02 16:00", "clicked")])).customer.promises;
    expect(promise).toMatchObject({ name: "callback", openedAt: at("2026-06-02T15:00:00Z"), due: at("2026-06-04T15:00:00Z") });
  });

  test("keeps the reply that is owed once it is seen", () => {
    const reply = { name: "reply", promiseId: "p-1", openedBy: ["web\ns-asks"] };
    const signals = [["06-01 15:00", "go", {}, { id: "s-asks" }] as const, ask("06-01 15:01")];
    const kept = (more: readonly ScenarioSignal[]) =>
      play(story({ customer: { ...MARY, promises: [aPromise(reply)] }, signals: [...signals, ...more] })).customer.promises;
    expect(kept([]).map(({ name }) => name)).toEqual(["reply"]);
    expect(kept([seen("06-02 15:00")])).toEqual([]);
  });

  test("a success goes to the latest seen or sent one", () => {
    const both = `${SHOP}\nserves: [asking, m]`.replace("channels: {web", "channels: {box: {text: Hi}, web");
    const converted = (signals: readonly ScenarioSignal[]) =>
      play(given([], { experiences: [both], signals })).customer.outcomes.flatMap(({ kind, channel }) =>
        kind === "converted" ? [channel] : [],
      );
    const mailed = [ask("06-01 14:00"), GO];
    expect(converted([...mailed, ["06-02 15:00", "bought"]])).toEqual(["box"]);
    expect(converted([...mailed, seen("06-01 16:00"), ["06-02 15:00", "bought"]])).toEqual(["web"]);
    expect(converted([ask("06-01 14:00"), seen("06-01 14:01"), GO, ["06-02 15:00", "bought"]])).toEqual(["box"]);
  });

  test("a success after it was seen ends the moments that the ask served, and so does a click; that it was seen does not", () => {
    expect(momentsLeft(given([seen("06-01 15:02")]))).toEqual(["m"]);
    expect(momentsLeft(given([seen("06-01 15:02", "dismissed")]))).toEqual(["m"]);
    expect(momentsLeft(given([seen("06-01 15:02", "clicked")]))).toEqual([]);
    expect(momentsLeft(given([seen("06-01 15:02"), ["06-01 15:03", "bought"]]))).toEqual([]);
    // It opened after the answer.
    expect(
      momentsLeft(
        story({ signals: [ask("06-01 14:00"), GO, seen("06-01 15:02", "clicked")], experiences: [`${SHOP}\nserves: [asking, m]`] }),
      ),
    ).toEqual(["m"]);
  });

  test.each<readonly [string, readonly ScenarioSignal[], readonly string[]]>([
    ["a click is a success where none is defined", [seen("06-01 15:02"), seen("06-01 15:03", "clicked")], ["e 1"]],
    ["seeing alone is none: nothing that follows in time teaches a failure", [seen("06-01 15:02")], ["e 0"]],
    [
      "a dismissal teaches a failure, once",
      [seen("06-01 15:02"), seen("06-01 15:03", "dismissed"), seen("06-01 15:04", "dismissed")],
      ["e 0"],
    ],
    ["not seen, it teaches nothing", [], []],
  ])("%s", (_name, signals, wanted) => {
    expect(lessons(given(signals, { experiences: [WEB], until: "06-30 00:00" }))).toEqual(wanted);
  });

  test("seen and left alone it is ignored, that much after it was seen", () => {
    expect(outcomes(given([seen("06-02 15:00")], { until: "06-09 14:59" }))).toEqual(["e opened"]);
    expect(outcomes(given([seen("06-02 15:00")], { until: "06-09 15:00" }))).toEqual(["e opened", "e ignored"]);
  });
});

describe("ignored and dismissed of a pull channel", () => {
  const rule = (rest: string) => `governance: {suppress: [{after: {outcome: dismissed}, for: 60d${rest}}]}`;
  const told = (rest: string) =>
    tell(
      story({
        settings: rule(rest),
        experiences: [
          "id: shown\nserves: [asking]\nvalue: 2\nchannels: {box: {text: Hi}, web: {content: {a: b}}}",
          "id: f\ndepartment: sales",
          "id: shown2\nserves: [n]\n",
        ].slice(0, 2),
        signals: [ask("06-01 14:00"), ["06-01 14:01", "delivery.dismissed", { deliveryId: "#1" }], GO],
      }),
    ).at(-1);
  test.each([
    ["count where the rule names the channel", ", channels: [web, box]", "06-01 15:00 silence: suppressed"],
    ["do not where it names none", "", "06-01 15:00 deliver f@box"],
    ["nor where it names another", ", channels: [box]", "06-01 15:00 deliver f@box"],
  ])("%s", (_name, rest, wanted) => {
    expect(told(rest)).toBe(wanted);
  });
});

describe("dismissed", () => {
  const dismissed = (time: string): ScenarioSignal => [time, "delivery.dismissed", { deliveryId: "#1" }];
  const both = "channels: {box: {text: Hi}, web: {content: {a: b}}}";
  test("the experience is out for her while the moment of its candidate is open", () => {
    const signals = [
      GO,
      ask("06-01 15:01"),
      dismissed("06-01 15:02"),
      ask("06-01 15:03"),
      ask("06-30 15:00"),
      ["07-02 15:00", "go"] as const,
      ask("07-02 15:01"),
    ];
    expect(tell(story({ signals }))).toEqual([
      "06-01 15:00 silence: ineligible",
      "06-01 15:01 deliver e@web",
      "06-01 15:03 silence: dismissed",
      "06-30 15:00 silence: dismissed",
      "07-02 15:00 silence: ineligible",
      "07-02 15:01 deliver e@web",
    ]);
  });

  test.each([
    ["for `dismissed:` of the channel", "7d", "06-08 15:01:59", "silence: dismissed", "06-08 15:02", "deliver e@web"],
    ["for 30 days by default", "", "07-01 15:01:59", "silence: dismissed", "07-01 15:02", "deliver e@web"],
  ])("on asking alone it is out %s", (_name, span, before, out, from, back) => {
    const channels = `channels: {web: {kind: pull, places: [hero]${span ? `, dismissed: ${span}` : ""}}}`;
    const signals = [ask("06-01 15:01"), dismissed("06-01 15:02"), ask(before), ask(from)];
    expect(tell({ settings: channels, experiences: [`${WEB}\nserves: [asking]`], signals })).toEqual([
      "06-01 15:01 deliver e@web",
      `${before} ${out}`,
      `${from} ${back}`,
    ]);
  });

  test("it is out for every channel of it", () => {
    const settings = `${CHANNELS}\nmoments: {m: {on: go, expires: 30d}, n: {on: later, expires: 1d}}\ngovernance: {quietHours: [{channels: [box], from: "00:00", to: "23:00"}]}`;
    const signals = [GO, ask("06-01 15:01"), dismissed("06-01 15:02"), ["06-02 04:30", "x"] as const];
    expect(tell({ settings, experiences: [both], signals }).at(-1)).toBe("06-01 15:02 silence: dismissed");
  });
});

test("given again it keeps its variant, whichever would win by now", () => {
  let best = "short";
  const propensity = ({ variant }: { readonly variant?: string | undefined }) => ({
    mean: variant === best ? 0.6 : 0.5,
    logit: 0,
    deviation: 0,
  });
  const content = "{variants: {short: {content: {a: b}}, long: {content: {a: c}}}}";
  const given = story({ experiences: [`channels: {web: ${content}}`], signals: [GO, ask("06-01 15:01")], options: { propensity } });
  const told = play(given);
  best = "long";
  told.signal("2026-06-01T15:02:00Z", "sentient.ask", { channel: "web", places: ["hero"] });
  expect(told.decisions.map(({ variant, again }) => [variant, again]).slice(1)).toEqual([
    ["short", undefined],
    ["short", true],
  ]);
});

describe("what a place was given is given again", () => {
  const about = (time: string, type: string): ScenarioSignal => [time, type, { deliveryId: "#1" }];
  const asked = (signals: readonly ScenarioSignal[], second: string, rest: Partial<Given> = {}) =>
    tell(story({ signals: [GO, ask("06-01 15:01"), ...signals, ask(second)], ...rest })).at(-1);

  test.each<readonly [string, string | undefined, string]>([
    ["within half an hour", asked([], "06-01 15:30:59"), "06-01 15:30:59 deliver e@web again"],
    ["no longer after half an hour, as a new one", asked([], "06-01 15:31"), "06-01 15:31 deliver e@web"],
    ["also once it was seen", asked([about("06-01 15:02", "delivery.opened")], "06-01 15:03"), "06-01 15:03 deliver e@web again"],
    [
      "not once it was taken up: its moment is over",
      asked([about("06-01 15:02", "delivery.clicked")], "06-01 15:03"),
      "06-01 15:03 silence: ineligible",
    ],
    ["not once it was dismissed", asked([about("06-01 15:02", "delivery.dismissed")], "06-01 15:03"), "06-01 15:03 silence: dismissed"],
    [
      "not where it may no longer go",
      asked([["06-01 15:02", "case.opened", { caseId: "k" }]], "06-01 15:03", {
        settings: "governance: {suppress: [{when: customer.openCases > 0}]}",
      }),
      "06-01 15:03 silence: suppressed",
    ],
    [
      "not where something better may go by now",
      asked([["06-01 15:02", "customer.updated", { traits: { vip: true } }]], "06-01 15:03", {
        experiences: [WEB, `id: f\nvalue: 9000\neligibility: [customer.vip]\n${WEB}`],
      }),
      "06-01 15:03 deliver f@web",
    ],
    [
      "with its own slot and touch left aside",
      asked([], "06-01 15:03", {
        settings: "governance: {caps: [{id: one, max: 1, window: 1d}]}",
        experiences: [`${WEB}\nlimits: {perCustomer: 1, window: 7d}`],
      }),
      "06-01 15:03 deliver e@web again",
    ],
    [
      "not at another place, where it is a new one",
      tell(story({ signals: [GO, ask("06-01 15:01"), ask("06-01 15:02", { places: ["banner"] })] })).at(-1),
      "06-01 15:02 deliver e@web",
    ],
  ])("%s", (_name, told, wanted) => {
    expect(told).toBe(wanted);
  });
});

describe("what needs approval", () => {
  const settings = "governance: {approval: [{experiences: [e], reason: legal}]}";
  const asks = [ask("06-01 15:01"), ask("06-01 15:02")];

  test("is asked once a moment, however often the place asks", () => {
    const told = play(story({ settings, signals: [GO, ...asks] }));
    expect(told.decisions.slice(1).map(inShort)).toEqual([
      "06-01 15:01 await_approval e@web: approval_required",
      "06-01 15:02 await_approval e@web: approval_required",
    ]);
    expect(told.changes.filter(({ type }) => type === "approval_asked")).toHaveLength(1);
  });

  test("is given by the first ask after the yes", () => {
    const told = play(story({ settings, signals: [GO, ask("06-01 15:01")] }));
    const answered = (state: "approved" | "rejected") => {
      told.customer = { ...told.customer, approvals: told.customer.approvals.map((approval) => ({ ...approval, state })) };
    };
    answered("approved");
    told.signal("2026-06-01T15:05:00Z", "sentient.ask", { channel: "web", places: ["hero"] });
    expect(inShort(told.last)).toBe("06-01 15:05 deliver e@web");
    answered("rejected");
    told.signal("2026-06-01T15:40:00Z", "sentient.ask", { channel: "web", places: ["hero"] });
    expect(inShort(told.last)).toBe("06-01 15:40 silence: approval_rejected");
  });

  test("is silence on `asking` alone: nobody could answer in time", () => {
    const told = play(story({ settings, experiences: [`${WEB}\nserves: [asking]`], signals: asks }));
    expect(told.decisions.map(inShort)).toEqual(["06-01 15:01 silence: approval_required", "06-01 15:02 silence: approval_required"]);
    expect(told.changes.filter(({ type }) => type === "approval_asked")).toEqual([]);
  });
});

describe("an ask leaves alone what waits", () => {
  test("a message that is deferred goes at its time, however often a place asks meanwhile", () => {
    const told = play(
      story({
        settings: 'governance: {quietHours: [{channels: [box], from: "09:00", to: "20:00"}]}',
        experiences: ["channels: {box: {text: Hello}}", `id: w\nserves: [asking]\n${WEB}`],
        signals: [GO, ask("06-01 15:01"), ask("06-01 15:02"), ask("06-01 23:00")],
        until: "06-02 01:00",
      }),
    );
    expect(told.decisions.map(inShort)).toEqual([
      "06-01 15:00 defer e@box until 06-02 01:00: quiet_hours",
      "06-01 15:01 deliver w@web",
      "06-01 15:02 deliver w@web again",
      "06-01 23:00 deliver w@web",
      "06-02 01:00 deliver e@box",
    ]);
  });

  const pause = (name: string): Pause => ({ scope: "channel", name, by: "ann", since: 0 });
  test.each([
    ["of its channel gives nothing", "web", "06-01 15:01 silence: suppressed"],
    ["of another channel is no concern of it", "box", "06-01 15:01 deliver e@web"],
  ])("a pause %s", (_what, name, wanted) => {
    expect(tell(story({ options: { pauses: [pause(name)] }, signals: [GO, ask("06-01 15:01")] })).at(-1)).toBe(wanted);
  });
});
