import { describe, expect, test } from "vitest";
import { aPromise, aTouch, NOW } from "../../testing/builders.ts";
import { inShort, play, type Scenario, tell } from "../../testing/tell.ts";
import { DAY } from "../values/time.ts";

const check = ({ name: _, wanted, ...given }: Scenario) => expect(tell(given)).toEqual(wanted);

const GO = [["06-01 15:00", "go"] as const];
const BOX = "06-01 15:00 deliver e@box";

describe("suppressions with a condition", () => {
  const when = (condition: string, rest = "") => `governance: {suppress: [{when: "${condition}"${rest}}]}`;
  const SILENT = ["06-01 15:00 silence: suppressed"];
  const CASES: Scenario[] = [
    { name: "hold what they mean", settings: when("customer.openCases > 0"), customer: { openCases: ["1"] }, signals: GO, wanted: SILENT },
    { name: "and nothing where they do not hold", settings: when("customer.openCases > 0"), signals: GO, wanted: [BOX] },
    { name: "do not hold on a missing field", settings: when("customer.risk > 5"), signals: GO, wanted: [BOX] },
    { name: "nor on one under !", settings: when("!customer.calm"), signals: GO, wanted: [BOX] },
    {
      name: "nor on a signal's field when a timer woke",
      settings: `${when("signal.type == 'go'")}\nmoments: {m: {on: clock.daily, expires: 1h}}`,
      signals: [["06-01 13:00", "x"]],
      until: "06-01 15:00",
      wanted: ["06-01 14:00 deliver e@box"],
    },
    {
      name: "hold in doubt, when types do not compare",
      settings: when("customer.risk > 5"),
      customer: { traits: { risk: "high" } },
      signals: GO,
      wanted: SILENT,
    },
    {
      name: "hold in doubt, when the value is neither true nor false",
      settings: when("customer.risk"),
      customer: { traits: { risk: "high" } },
      signals: GO,
      wanted: SILENT,
    },
    {
      name: "reach the departments they name",
      settings: when("true", ", departments: [sales]"),
      experiences: ["department: sales\nvalue: 9", "id: f\ndepartment: service", "id: g\nvalue: 5"],
      signals: GO,
      wanted: ["06-01 15:00 deliver g@box"],
    },
    {
      name: "reach the channels they name",
      settings: `${when("true", ", channels: [box]")}\nchannels: {box: {kind: file}, desk: {kind: human}}`,
      experiences: ["channels: {box: {text: Hi}, desk: {summary: Call}}"],
      signals: GO,
      wanted: ["06-01 15:00 deliver e@desk"],
    },
    { name: "hold what is transactional too", settings: when("true"), experiences: ["transactional: true"], signals: GO, wanted: SILENT },
  ];
  test.each(CASES)("$name", check);
});

describe("suppressions after a signal", () => {
  const complained = (rest: string) =>
    `governance: {suppress: [{after: {signal: delivery.complained}${rest}}]}\nmoments: {m: {on: go, expires: 100d}}`;
  const story = (time: string, rest = ", for: 90d", experiences = [""]): Pick<Scenario, "settings" | "signals" | "experiences"> => ({
    settings: complained(rest),
    experiences,
    signals: [
      ["06-01 10:00", "delivery.complained", { deliveryId: "unknown" }],
      [time, "go"],
    ],
  });
  const CASES: Scenario[] = [
    {
      name: "hold until their time is over",
      ...story("06-01 15:00"),
      until: "09-30 00:00",
      wanted: ["06-01 15:00 defer e@box until 08-30 10:00: suppressed", "08-30 10:00 deliver e@box"],
    },
    { name: "and not at that instant any more", ...story("08-30 10:00"), wanted: ["08-30 10:00 deliver e@box"] },
    { name: "for ever where no time is given", ...story("06-01 15:00", ""), wanted: ["06-01 15:00 silence: suppressed"] },
    { name: "on the channels they name", ...story("06-01 15:00", ", for: 90d, channels: [email]"), wanted: ["06-01 15:00 deliver e@box"] },
    {
      name: "also what is transactional",
      ...story("06-01 15:00", ", for: 90d", ["transactional: true"]),
      wanted: ["06-01 15:00 defer e@box until 08-30 10:00: suppressed"],
    },
  ];
  test.each(CASES)("$name", check);

  test("count from the latest signal", () => {
    const signals: Scenario["signals"] = [
      ["06-01 10:00", "delivery.complained"],
      ["06-02 10:00", "delivery.complained"],
      ["06-03 15:00", "go"],
    ];
    expect(tell({ settings: complained(", for: 7d"), signals })).toEqual(["06-03 15:00 defer e@box until 06-09 10:00: suppressed"]);
  });
});

describe("suppressions after outcomes", () => {
  const settings = (rest: string) => `governance: {suppress: [{after: {outcome: ignored, times: 2, within: 30d}, for: 60d, ${rest}}]}`;
  const BOTH = ["value: 9", "id: f"];
  const TWICE: Scenario["signals"] = [
    ["06-01 15:00", "go"],
    ["06-08 16:00", "go"],
  ];
  const SENT_TWICE = ["06-01 15:00 deliver e@box", "06-08 16:00 deliver e@box"];
  const CASES: Scenario[] = [
    {
      name: "keep back the experience that was ignored twice, from the second time on",
      settings: settings("scope: experience"),
      experiences: BOTH,
      signals: [...TWICE, ["06-15 15:59", "go"]],
      wanted: [...SENT_TWICE, "06-15 15:59 deliver e@box"],
    },
    {
      name: "and let another one go",
      settings: settings("scope: experience"),
      experiences: BOTH,
      signals: [...TWICE, ["06-15 16:01", "go"]],
      wanted: [...SENT_TWICE, "06-15 16:01 deliver f@box"],
    },
    {
      name: "until the time is over",
      settings: settings("scope: experience"),
      experiences: BOTH,
      signals: [...TWICE, ["08-14 15:59:59", "go"], ["08-14 16:00", "go"]],
      wanted: [...SENT_TWICE, "08-14 15:59:59 deliver f@box", "08-14 16:00 deliver e@box"],
    },
    {
      name: "not when the two are a whole window apart",
      settings: settings("scope: experience"),
      experiences: BOTH,
      signals: [
        ["06-01 15:00", "go"],
        ["07-01 15:00", "go"],
        ["07-09 15:00", "go"],
      ],
      wanted: ["06-01 15:00 deliver e@box", "07-01 15:00 deliver e@box", "07-09 15:00 deliver e@box"],
    },
    {
      name: "keep back the whole channel",
      settings: settings("scope: channel"),
      experiences: BOTH,
      signals: [...TWICE, ["06-16 15:00", "go"]],
      wanted: [...SENT_TWICE, "06-16 15:00 silence: suppressed"].slice(0, 2).concat("06-16 15:00 silence: suppressed"),
    },
    {
      name: "keep back the whole customer",
      settings: `${settings("scope: customer")}\nchannels: {box: {kind: file}, desk: {kind: human}}`,
      experiences: ["value: 9", "id: f\nchannels: {desk: {summary: Call}}"],
      signals: [...TWICE, ["06-16 15:00", "go"]],
      wanted: [...SENT_TWICE, "06-16 15:00 silence: suppressed"],
    },
  ];
  test.each(CASES)("$name", check);

  test("do not count a delivery that was opened", () => {
    const story = play({ settings: settings("scope: experience"), experiences: BOTH, signals: TWICE });
    const deliveryId = story.customer.deliveries[1]?.deliveryId ?? "";
    story.signal("2026-06-09T15:00:00Z", "delivery.opened", { deliveryId }).signal("2026-06-16T15:00:00Z", "go");
    expect(inShort(story.last)).toBe("06-16 15:00 deliver e@box");
  });
});

describe("consent", () => {
  const mail = (policy = "") => `channels: {email: {kind: smtp}}\n${policy}`;
  const EMAIL = ["channels: {email: {subject: Hi, body: Hi}}"];
  const WITH_ADDRESS = { identities: { email: "ann@example.com" } };
  const SENT = ["06-01 15:00 deliver e@email"];
  const one = (rest: Partial<Scenario>): Omit<Scenario, "name"> => ({
    settings: mail(),
    experiences: EMAIL,
    customer: WITH_ADDRESS,
    signals: GO,
    wanted: SENT,
    ...rest,
  });
  const CASES: Scenario[] = [
    { name: "is needed for mail where the policy says nothing", ...one({ wanted: ["06-01 15:00 silence: consent_missing"] }) },
    { name: "is not needed where the policy says opt_out", ...one({ settings: mail("governance: {consent: {email: opt_out}}") }) },
    { name: "once granted lets it go", ...one({ customer: { ...WITH_ADDRESS, consents: { email: "granted" } } }) },
    {
      name: "denied holds",
      ...one({ customer: { ...WITH_ADDRESS, consents: { email: "denied" } }, wanted: ["06-01 15:00 silence: consent_revoked"] }),
    },
    {
      name: "denied holds under opt_out",
      ...one({
        settings: mail("governance: {consent: {email: opt_out}}"),
        customer: { ...WITH_ADDRESS, consents: { email: "denied" } },
        wanted: ["06-01 15:00 silence: consent_revoked"],
      }),
    },
    {
      name: "denied holds on a channel that needs none",
      signals: GO,
      customer: { consents: { box: "revoked" } },
      wanted: ["06-01 15:00 silence: consent_revoked"],
    },
    {
      name: "denied holds what is transactional",
      signals: GO,
      experiences: ["transactional: true"],
      customer: { consents: { box: "denied" } },
      wanted: ["06-01 15:00 silence: consent_revoked"],
    },
    { name: "and the address may both be missing", ...one({ customer: {}, wanted: ["06-01 15:00 silence: consent_missing, no_channel"] }) },
    {
      name: "is there and the address missing",
      ...one({ customer: { consents: { email: "granted" } }, wanted: ["06-01 15:00 silence: no_channel"] }),
    },
    {
      name: "works with an address among the traits",
      ...one({ customer: { traits: { email: "ann@example.com" }, consents: { email: "granted" } } }),
    },
    {
      name: "given by the signal that opens the moment counts",
      settings: `${mail()}moments: {m: {on: customer.consent, expires: 1d}}`,
      experiences: EMAIL,
      customer: WITH_ADDRESS,
      signals: [["06-01 15:00", "customer.consent", { channel: "email", status: "granted" }]],
      wanted: SENT,
    },
    {
      name: "revoked later holds from then on",
      ...one({
        customer: { ...WITH_ADDRESS, consents: { email: "granted" } },
        signals: [["06-01 14:00", "customer.consent", { channel: "email", status: "revoked" }], ...GO],
        wanted: ["06-01 15:00 silence: consent_revoked"],
      }),
    },
    {
      name: "granted by old news does not undo a later revocation",
      ...one({
        signals: [
          ["06-01 14:00", "customer.consent", { channel: "email", status: "revoked" }],
          ["06-01 13:00", "customer.consent", { channel: "email", status: "granted" }],
          ...GO,
        ],
        wanted: ["06-01 15:00 silence: consent_revoked"],
      }),
    },
    {
      name: "of two statements of the same time is the one that arrived later",
      ...one({
        signals: [
          ["06-01 14:00", "customer.consent", { channel: "email", status: "revoked" }],
          ["06-01 14:00", "customer.consent", { channel: "email", status: "granted" }],
          ...GO,
        ],
      }),
    },
    {
      name: "goes by the channel's name, not by its kind",
      settings: "channels: {email: {kind: file}}",
      experiences: ["channels: {email: {text: Hi}}"],
      signals: GO,
      wanted: ["06-01 15:00 silence: no_channel"],
    },
    {
      name: "needs no address where the channel says so",
      settings: "channels: {email: {kind: file, address: none}}",
      experiences: ["channels: {email: {text: Hi}}"],
      signals: GO,
      wanted: SENT,
    },
    {
      name: "missing on one channel leaves the next",
      settings: "channels: {email: {kind: smtp}, box: {kind: file}}",
      experiences: ["channels: {email: {subject: Hi, body: Hi}, box: {text: Hi}}"],
      customer: WITH_ADDRESS,
      signals: GO,
      wanted: [BOX],
    },
  ];
  test.each(CASES)("$name", check);

  test("ends with an unsubscription from one of our deliveries", () => {
    const first = play({
      settings: mail("governance: {consent: {email: opt_out}}"),
      experiences: EMAIL,
      customer: WITH_ADDRESS,
      signals: [["06-01 15:00", "go", {}, { id: "one" }]],
    });
    const deliveryId = first.customer.deliveries[0]?.deliveryId ?? "";
    const story = first.signal("2026-06-02T15:00:00Z", "delivery.unsubscribed", { deliveryId }).signal("2026-06-03T15:00:00Z", "go");
    expect(story.last).toMatchObject({ action: "silence", reasons: [{ code: "consent_revoked" }] });
  });
});

describe("limits", () => {
  const AGAIN: Scenario["signals"] = [
    ["06-01 15:00", "go"],
    ["06-02 15:00", "go"],
  ];
  const CASES: Scenario[] = [
    {
      name: "per customer hold for ever without a window",
      experiences: ["limits: {perCustomer: 1}"],
      signals: AGAIN,
      wanted: [BOX, "06-02 15:00 silence: limit_reached"],
    },
    {
      name: "with a window hold until it is over",
      experiences: ["limits: {perCustomer: 1, window: 7d}"],
      signals: AGAIN,
      until: "06-30 00:00",
      wanted: [BOX, "06-02 15:00 defer e@box until 06-08 15:00: limit_reached", "06-08 15:00 deliver e@box"],
    },
    {
      name: "let go what is exactly a window later",
      experiences: ["limits: {perCustomer: 1, window: 1d}"],
      signals: AGAIN,
      wanted: [BOX, "06-02 15:00 deliver e@box"],
    },
    {
      name: "in total hold for ever",
      experiences: ["limits: {total: 5}"],
      signals: GO,
      options: { usedInTotal: () => 5 },
      wanted: ["06-01 15:00 silence: limit_reached"],
    },
    {
      name: "in total hold also when the one per customer would end",
      experiences: ["limits: {perCustomer: 1, window: 7d, total: 5}"],
      signals: GO,
      options: { usedInTotal: () => 5 },
      wanted: ["06-01 15:00 silence: limit_reached"],
    },
    {
      name: "in total leave the last one",
      experiences: ["limits: {total: 5}"],
      signals: GO,
      options: { usedInTotal: () => 4 },
      wanted: [BOX],
    },
    {
      name: "hold what is transactional",
      experiences: ["transactional: true\nlimits: {perCustomer: 1}"],
      signals: AGAIN,
      wanted: [BOX, "06-02 15:00 silence: limit_reached"],
    },
    {
      name: "hold one experience and leave the next",
      experiences: ["value: 9\nlimits: {perCustomer: 1}", "id: f"],
      signals: AGAIN,
      wanted: [BOX, "06-02 15:00 deliver f@box"],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("after the ranking", () => {
  const likely = (mean: number) => ({ options: { propensity: () => ({ mean, logit: Math.log(mean / (1 - mean)), deviation: 0 }) } });
  const CASES: Scenario[] = [
    {
      name: "one below the threshold leads to silence",
      settings: "governance: {minPropensity: 0.02}",
      ...likely(0.01),
      signals: GO,
      wanted: ["06-01 15:00 silence: below_min_propensity"],
    },
    {
      name: "one exactly at the threshold goes",
      settings: "governance: {minPropensity: 0.02}",
      ...likely(0.02),
      signals: GO,
      wanted: [BOX],
    },
    {
      name: "what is transactional goes however unlikely",
      settings: "governance: {minPropensity: 0.02}",
      experiences: ["transactional: true"],
      ...likely(0.01),
      signals: GO,
      wanted: [BOX],
    },
    {
      name: "what is valuable awaits approval",
      settings: 'governance: {approval: [{when: "experience.value > 5", reason: dear}]}',
      experiences: ["value: 6"],
      signals: GO,
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "once, while nothing changes",
      settings: 'governance: {approval: ["true"]}',
      signals: [...GO, ["06-01 16:00", "x"]],
      until: "06-20 00:00",
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "also when it is transactional",
      settings: "governance: {approval: [true]}",
      experiences: ["transactional: true"],
      signals: GO,
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "also in doubt",
      settings: "governance: {approval: [customer.risk > 5]}",
      customer: { traits: { risk: "high" } },
      signals: GO,
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "W6: on a missing field",
      settings: "governance: {approval: [customer.risk > 5]}",
      signals: GO,
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "W6: what a rule names by its id",
      settings: "governance: {approval: [{experiences: [dear]}]}",
      experiences: ["id: dear"],
      signals: GO,
      wanted: ["06-01 15:00 await_approval dear@box: approval_required"],
    },
    {
      name: "W6: not what a rule does not name",
      settings: "governance: {approval: [{when: 'true', experiences: [f], departments: [sales]}, {departments: [finance]}]}",
      experiences: ["department: sales", "id: f\nserves: [m]\nstatus: draft"],
      signals: GO,
      wanted: [BOX],
    },
    {
      name: "W6: what comes from a department that a rule names",
      settings: "governance: {approval: [{when: experience.value >= 1, departments: [sales, finance]}]}",
      experiences: ["department: sales"],
      signals: GO,
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "a customer in the holdout gets nothing",
      settings: "governance: {holdout: 1}",
      signals: GO,
      wanted: ["06-01 15:00 withhold e@box: holdout"],
    },
    {
      name: "and the moment is over all the same",
      settings: "governance: {holdout: 1}",
      signals: [...GO, ["06-01 16:00", "x"]],
      until: "06-20 00:00",
      wanted: ["06-01 15:00 withhold e@box: holdout"],
    },
    {
      name: "but for what is transactional",
      settings: "governance: {holdout: 1}",
      experiences: ["transactional: true"],
      signals: GO,
      wanted: [BOX],
    },
    {
      name: "approval comes before the holdout",
      settings: "governance: {holdout: 1, approval: [true]}",
      signals: GO,
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "the threshold comes before approval",
      settings: "governance: {minPropensity: 0.02, approval: [true]}",
      ...likely(0.01),
      signals: GO,
      wanted: ["06-01 15:00 silence: below_min_propensity"],
    },
    {
      name: "W6: a candidate that quiet hours hold is asked for at once, and once",
      settings: 'governance: {approval: [true], quietHours: [{from: "09:00", to: "11:00"}]}',
      signals: GO,
      until: "06-01 18:00",
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "W6: and so is one that a cap holds",
      settings:
        "governance: {approval: [{experiences: [dear]}], caps: [{id: gap, max: 1, window: 7d}]}\nmoments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}}",
      experiences: ["", "id: dear\nserves: [n]"],
      signals: [...GO, ["06-02 15:00", "come"]],
      wanted: [BOX, "06-02 15:00 await_approval dear@box: approval_required"],
    },
    {
      name: "W6: but not one that time holds until its moment is over",
      settings: "governance: {approval: [true], caps: [{id: none, max: 1, window: 30d}]}\nmoments: {m: {on: go, expires: 2d}}",
      customer: { touches: [aTouch({ at: NOW - DAY })] },
      signals: GO,
      wanted: ["06-01 15:00 silence: cap_reached"],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("W9: a channel with counts: false", () => {
  const CRM = `channels: {box: {kind: file}, crm: {kind: file, counts: false}}
moments: {m: {on: go, expires: 30d}, n: {on: note, expires: 30d}, said: {on: message.received, expires: 2d}}`;
  const NOTE = "id: note\nserves: [n]\nchannels: {crm: {text: Noted}}";
  const TWO_NOTES = [
    ["06-01 13:00", "note"],
    ["06-01 14:00", "note"],
  ] as const;
  const NOTED = ["06-01 13:00 deliver note@crm", "06-01 14:00 deliver note@crm"];
  const CASES: Scenario[] = [
    {
      name: "uses up no contact, and is held back by no cap",
      settings: `${CRM}\ngovernance: {caps: [{id: weekly, max: 1, window: 7d}]}`,
      experiences: ["", NOTE],
      signals: [...TWO_NOTES, ...GO, ["06-01 16:00", "note"]],
      wanted: [...NOTED, BOX, "06-01 16:00 deliver note@crm"],
    },
    {
      name: "is left out of touches()",
      settings: CRM,
      experiences: ["applicability: [\"touches('7d') == 0 && touches('7d', 'crm') == 0\"]", NOTE],
      signals: [...TWO_NOTES, ...GO],
      wanted: [...NOTED, BOX],
    },
    {
      name: "is ignored by nobody",
      settings: `${CRM}\ngovernance: {suppress: [{after: {outcome: ignored}, for: 90d}]}`,
      experiences: ["", NOTE],
      signals: [...TWO_NOTES, ["06-20 15:00", "go"]],
      wanted: [...NOTED, "06-20 15:00 deliver e@box"],
    },
    {
      name: "with a success that did not come is ignored for its own experience only",
      settings: `${CRM}\ngovernance: {suppress: [{after: {outcome: ignored}, for: 90d}, {after: {outcome: ignored}, for: 90d, scope: experience}]}`,
      experiences: ["", `${NOTE}\nsuccess: {signal: done, within: 2d}`],
      signals: [
        ["06-01 13:00", "note"],
        ["06-20 15:00", "go"],
        ["06-20 16:00", "note"],
      ],
      wanted: ["06-01 13:00 deliver note@crm", "06-20 15:00 deliver e@box", "06-20 16:00 silence: suppressed"],
    },
    {
      name: "waits for the end of quiet hours like every other",
      settings: `${CRM}\ngovernance: {quietHours: [{from: "07:00", to: "09:00"}]}`,
      experiences: [NOTE],
      signals: [["06-01 13:00", "note"]],
      wanted: ["06-01 13:00 defer note@crm until 06-01 14:00: quiet_hours"],
    },
  ];
  test.each(CASES)("$name", check);

  test("is no touch in the record and answers no message", () => {
    const { customer } = play({
      settings: CRM,
      experiences: ["serves: [said]\nchannels: {crm: {text: She has written}}"],
      signals: [["06-01 15:00", "message.received", { channel: "box", text: "Hello?" }]],
    });
    expect(customer.deliveries.map(({ channel, status }) => `${channel} ${status}`)).toEqual(["crm sent"]);
    expect(customer.touches).toEqual([]);
    expect(customer.promises.map(({ name }) => name)).toEqual(["reply"]);
  });
});

describe("W20: transactional", () => {
  const HOLDS = {
    caps: ["governance: {caps: [{id: none, max: 0, window: 7d}]}", "silence: cap_reached"],
    quiet_hours: ['governance: {quietHours: [{from: "09:00", to: "11:00"}]}', "defer e@box until 06-01 16:00: quiet_hours"],
    holdout: ["governance: {holdout: 1}", "withhold e@box: holdout"],
    minPropensity: ["governance: {minPropensity: 0.9}", "silence: below_min_propensity"],
  } as const;
  const RULES = Object.keys(HOLDS) as (keyof typeof HOLDS)[];

  test.each([
    ...RULES.map((outside) => ({ transactional: `[${outside}]`, outside: [outside] as string[] })),
    { transactional: "[caps, quiet_hours]", outside: ["caps", "quiet_hours"] },
    { transactional: "[quietHours, min_propensity]", outside: ["quiet_hours", "minPropensity"] },
    { transactional: "[]", outside: [] },
    { transactional: "false", outside: [] },
    { transactional: "true", outside: RULES },
  ])("$transactional is outside of what it names, and of nothing else", ({ transactional, outside }) => {
    for (const rule of RULES) {
      const [settings, held] = HOLDS[rule];
      const wanted = outside.includes(rule) ? "deliver e@box" : held;
      expect(tell({ settings, experiences: [`transactional: ${transactional}`], signals: GO })).toEqual([`06-01 15:00 ${wanted}`]);
    }
  });

  const ALL = "transactional: [caps, quiet_hours, holdout, minPropensity]";
  test.each<[string, string, string, Scenario["customer"], string]>([
    ["consent", "governance: {consent: {box: opt_in}}", "", {}, "silence: consent_missing"],
    ["facts", "", "channels: {box: {text: 'Hello {{ customer.name }}'}}", {}, "silence: fact_missing"],
    ["suppressions", "governance: {suppress: [{when: 'true'}]}", "", {}, "silence: suppressed"],
    [
      "promises",
      "promises: {p: {opens: x, due: 1d, owner: sales, whileOpen: {suppress: [sales]}}}",
      "department: sales",
      { promises: [aPromise({ name: "p" })] },
      "silence: promise_open",
    ],
    ["approval", "governance: {approval: [true]}", "", {}, "await_approval e@box: approval_required"],
  ])("with all four is never outside of %s", (_, settings, experience, customer, wanted) => {
    const told = tell({ settings, experiences: [`${ALL}\n${experience}`], ...(customer ? { customer } : {}), signals: GO });
    expect(told).toEqual([`06-01 15:00 ${wanted}`]);
  });

  test.each([
    ["true", "deliver"],
    ["[caps, quiet_hours, holdout, minPropensity]", "deliver"],
    ["[caps]", "silence: not_applicable"],
  ])("%s in a condition: experience.transactional", (transactional, wanted) => {
    const experience = `transactional: ${transactional}\napplicability: [experience.transactional]`;
    expect(tell({ experiences: [experience], signals: GO })[0]?.replace(" e@box", "")).toBe(`06-01 15:00 ${wanted}`);
  });
});
