import { describe, expect, test } from "vitest";
import { at } from "../../testing/builders.ts";
import { inShort, play, type Scenario, tell } from "../../testing/tell.ts";

const check = ({ name: _, wanted, ...given }: Scenario) => expect(tell(given)).toEqual(wanted);

const GO = [["06-01 15:00", "go"] as const];

describe("a moment", () => {
  const CASES: Scenario[] = [
    {
      name: "opens by any signal of its list",
      settings: "moments: {m: {on: [go, come], expires: 1d}}",
      signals: [
        ["06-01 15:00", "come"],
        ["06-01 16:00", "go"],
      ],
      wanted: ["06-01 15:00 deliver e@box", "06-01 16:00 deliver e@box"],
    },
    {
      name: "asks its condition on opening only",
      settings: "moments: {m: {on: go, expires: 1d, when: customer.ready}}",
      experiences: ["eligibility: ['!customer.ready']"],
      customer: { traits: { ready: true } },
      signals: [...GO, ["06-01 16:00", "customer.updated", { traits: { ready: false } }]],
      wanted: ["06-01 15:00 silence: ineligible", "06-01 16:00 deliver e@box"],
    },
    {
      name: "asks it of the record as its own signal leaves it",
      settings: "moments: {m: {on: go, expires: 1d, when: customer.ready}}",
      signals: [["06-01 15:00", "go", { traits: { ready: true } }]],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "does not open on a missing field",
      settings: "moments: {m: {on: go, expires: 1d, when: '!customer.ready'}}",
      signals: GO,
      wanted: [],
    },
    {
      name: "does not open in doubt",
      settings: "moments: {m: {on: go, expires: 1d, when: customer.ready}}",
      customer: { traits: { ready: "yes" } },
      signals: GO,
      wanted: [],
    },
    {
      name: "is not opened again within `once` of its last opening",
      settings: "moments: {m: {on: go, expires: 1d, once: 7d}}",
      signals: [...GO, ["06-08 14:59:59", "go"]],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "and is when that time is just over",
      settings: "moments: {m: {on: go, expires: 1d, once: 7d}}",
      signals: [...GO, ["06-08 15:00", "go"]],
      wanted: ["06-01 15:00 deliver e@box", "06-08 15:00 deliver e@box"],
    },
    {
      name: "is ended by a signal that closes it",
      settings: "moments: {m: {on: go, expires: 9d, closes: [stop]}}",
      experiences: ['eligibility: [\'count("x", "1d") > 0\']'],
      signals: [...GO, ["06-01 16:00", "stop"], ["06-01 17:00", "x"]],
      wanted: ["06-01 15:00 silence: ineligible"],
    },
    {
      name: "is ended by the daily clock, where that closes it",
      settings: "moments: {m: {on: go, expires: 9d, closes: [clock.daily]}}",
      experiences: ['eligibility: [\'count("x", "1d") > 0\']'],
      signals: [...GO, ["06-02 14:01", "x"]],
      wanted: ["06-01 15:00 silence: ineligible"],
    },
    {
      name: "opens at 09:00 of the customer by the daily clock",
      settings: "moments: {m: {on: clock.daily, expires: 1h}}",
      signals: [["06-01 15:00", "x"]],
      until: "06-03 23:00",
      wanted: ["06-02 14:00 deliver e@box", "06-03 14:00 deliver e@box"],
    },
    {
      name: "also where clocks change",
      settings: "moments: {m: {on: clock.daily, expires: 1h}}",
      customer: { traits: { timezone: "Europe/Berlin" } },
      signals: [["03-27 15:00", "x"]],
      until: "03-29 23:00",
      wanted: ["03-28 08:00 deliver e@box", "03-29 07:00 deliver e@box"],
    },
    {
      name: "that was served can be opened again",
      signals: [...GO, ["06-01 15:00:01", "go"]],
      wanted: ["06-01 15:00 deliver e@box", "06-01 15:00:01 deliver e@box"],
    },
    {
      name: "is served together with the others that the experience serves",
      settings: "moments: {m: {on: go, expires: 1d}, n: {on: go, expires: 1d}}",
      experiences: ["serves: [m, n]"],
      signals: [...GO, ["06-01 16:00", "x"]],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "that no experience serves leads to silence",
      settings: "moments: {m: {on: go, expires: 1d}, n: {on: come, expires: 1d}}",
      signals: [["06-01 15:00", "come"]],
      wanted: ["06-01 15:00 silence: ineligible"],
    },
    {
      name: "is judged again when a day is over",
      settings: "moments: {m: {on: go, expires: 9d}}",
      experiences: ["applicability: [now > timestamp('2026-06-03T12:00:00Z')]"],
      signals: GO,
      until: "06-20 00:00",
      wanted: ["06-01 15:00 silence: not_applicable", "06-03 15:00 deliver e@box"],
    },
    {
      name: "or when the policy's review says",
      settings: "moments: {m: {on: go, expires: 9d}}\ngovernance: {review: 1h}",
      experiences: ["applicability: [now > timestamp('2026-06-03T12:00:00Z')]"],
      signals: GO,
      until: "06-20 00:00",
      wanted: ["06-01 15:00 silence: not_applicable", "06-03 13:00 deliver e@box"],
    },
  ];
  test.each(CASES)("$name", check);

  test("an experience is a candidate for the most urgent one, then the oldest", () => {
    const settings =
      "moments: {a: {on: go, expires: 9d}, b: {on: come, expires: 9d, urgency: 0.9}, c: {on: run, expires: 9d, urgency: 0.9}}";
    const { last } = play({
      settings,
      experiences: ["serves: [a, b, c]\neligibility: [moment.name == 'fact_corrected']"],
      signals: [...GO, ["06-01 16:00", "run"], ["06-01 17:00", "come"]],
    });
    expect(last.candidates.map(({ experienceId, moment }) => [experienceId, moment])).toEqual([["e", "c"]]);
    expect(last.moments.map(({ name }) => name)).toEqual(["a", "c", "b"]);
  });
});

describe("a moment that opens by absence", () => {
  const settings = (span: string) => `moments: {m: {absent: {signal: bought, for: ${span}}, expires: 3d}}`;
  const CASES: Scenario[] = [
    {
      name: "opens so long after the last one",
      settings: settings("9d"),
      signals: [["06-01 15:00", "bought"]],
      until: "07-01 00:00",
      wanted: ["06-10 15:00 deliver e@box"],
    },
    {
      name: "counts from the last of several",
      settings: settings("9d"),
      signals: [
        ["06-01 15:00", "bought"],
        ["06-05 15:00", "bought"],
      ],
      until: "07-01 00:00",
      wanted: ["06-14 15:00 deliver e@box"],
    },
    {
      name: "never opens without a first signal",
      settings: settings("9d"),
      signals: [["06-01 15:00", "looked"]],
      until: "07-01 00:00",
      wanted: [],
    },
    {
      name: "does not open when it happens at that very instant",
      settings: settings("9d"),
      signals: [
        ["06-01 15:00", "bought"],
        ["06-10 15:00", "bought"],
      ],
      until: "06-19 14:59",
      wanted: [],
    },
    {
      name: "is not moved by late news of an earlier one",
      settings: settings("9d"),
      signals: [
        ["06-05 15:00", "bought"],
        ["06-02 15:00", "bought"],
      ],
      until: "07-01 00:00",
      wanted: ["06-14 15:00 deliver e@box"],
    },
    {
      name: "is not opened while `until` has not come",
      settings: settings("9d"),
      signals: [["06-01 15:00", "bought"]],
      until: "06-10 14:59:59",
      wanted: [],
    },
    {
      name: "is opened at `until`",
      settings: settings("9d"),
      signals: [["06-01 15:00", "bought"]],
      until: "06-10 15:00",
      wanted: ["06-10 15:00 deliver e@box"],
    },
    {
      name: "takes its days from an expression",
      settings: settings("customer.usual * 1.5"),
      customer: { traits: { usual: 4 } },
      signals: [["06-01 15:00", "bought"]],
      until: "07-01 00:00",
      wanted: ["06-07 15:00 deliver e@box"],
    },
    {
      name: "takes them from the record as the signal leaves it",
      settings: settings("customer.usual"),
      signals: [["06-01 15:00", "bought", { traits: { usual: 2 } }]],
      until: "07-01 00:00",
      wanted: ["06-03 15:00 deliver e@box"],
    },
    {
      name: "never opens when the expression has no value",
      settings: settings("customer.usual * 1.5"),
      signals: [["06-01 15:00", "bought"]],
      until: "07-01 00:00",
      wanted: [],
    },
    {
      name: "asks its condition when it would open",
      settings: `moments: {m: {absent: {signal: bought, for: 9d}, expires: 3d, when: customer.loyal}}`,
      customer: { traits: { loyal: true } },
      signals: [
        ["06-01 15:00", "bought"],
        ["06-02 15:00", "customer.updated", { traits: { loyal: false } }],
      ],
      until: "07-01 00:00",
      wanted: [],
    },
  ];
  test.each(CASES)("$name", check);
});

describe("promises", () => {
  const CHARGES = `
    promises: {charges: {opens: returned, due: 7d, owner: finance, closes: posted, whileOpen: {suppress: [sales]}}}
    moments: {m: {on: go, expires: 30d}, n: {on: come, expires: 30d}}`;
  const RETURNED = ["06-01 14:00", "returned"] as const;
  const CASES: Scenario[] = [
    {
      name: "keep the departments they name quiet",
      settings: CHARGES,
      experiences: ["department: sales"],
      signals: [RETURNED, ...GO],
      wanted: ["06-01 15:00 silence: promise_open"],
    },
    {
      name: "and no other",
      settings: CHARGES,
      experiences: ["department: service"],
      signals: [RETURNED, ...GO],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    { name: "nor what has no department", settings: CHARGES, signals: [RETURNED, ...GO], wanted: ["06-01 15:00 deliver e@box"] },
    {
      name: "also what is transactional",
      settings: CHARGES,
      experiences: ["department: sales\ntransactional: true"],
      signals: [RETURNED, ...GO],
      wanted: ["06-01 15:00 silence: promise_open"],
    },
    {
      name: "until they are kept by their signal",
      settings: CHARGES,
      experiences: ["department: sales"],
      signals: [RETURNED, ...GO, ["06-02 15:00", "posted"]],
      wanted: ["06-01 15:00 silence: promise_open", "06-02 15:00 deliver e@box"],
    },
    {
      name: "or by name",
      settings: CHARGES,
      experiences: ["department: sales"],
      signals: [RETURNED, ...GO, ["06-02 15:00", "promise.kept", { promise: "charges" }]],
      wanted: ["06-01 15:00 silence: promise_open", "06-02 15:00 deliver e@box"],
    },
    {
      name: "also when they are overdue",
      settings: CHARGES,
      experiences: ["department: sales"],
      signals: [RETURNED, ["06-09 15:00", "go"]],
      wanted: ["06-09 15:00 silence: promise_open"],
    },
    {
      name: "opened by name take missing fields from the rule",
      settings: CHARGES,
      experiences: ["department: sales"],
      signals: [["06-01 14:00", "promise.opened", { promise: "charges" }], ...GO],
      wanted: ["06-01 15:00 silence: promise_open"],
    },
    {
      name: "of a reply keep nobody quiet by themselves",
      settings: CHARGES,
      experiences: ["department: sales"],
      signals: [["06-01 14:00", "message.received", { channel: "sms", text: "hi" }], ...GO],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "of a reply do where the policy says so",
      settings: "promises: {reply: {whileOpen: {suppress: [sales]}}}",
      experiences: ["department: sales"],
      signals: [["06-01 14:00", "message.received", { text: "hi" }], ...GO],
      wanted: ["06-01 15:00 silence: promise_open"],
    },
    ...["call", "chat", "visit"].map(
      (kind): Scenario => ({
        name: `of a reply are kept by a ${kind}`,
        settings: "promises: {reply: {whileOpen: {suppress: [sales]}}}",
        experiences: ["department: sales"],
        signals: [["06-01 14:00", "message.received", { text: "hi" }], ["06-01 14:30", "human.touch", { kind }], ...GO],
        wanted: ["06-01 15:00 deliver e@box"],
      }),
    ),
  ];
  test.each(CASES)("$name", check);

  const tasks = (given: Parameters<typeof play>[0]) =>
    play(given).changes.flatMap((change) =>
      change.type === "task_added" ? [`${change.task.queue} at ${new Date(change.task.at).toISOString()}`] : [],
    );
  test.each([
    [
      "the owner's queue gets a task when they are due",
      { settings: CHARGES, signals: [RETURNED], until: "06-30 00:00" },
      ["finance at 2026-06-08T14:00:00.000Z"],
    ],
    ["and none before", { settings: CHARGES, signals: [RETURNED], until: "06-08 13:59:59" }, []],
    [
      "nor when they were kept in time",
      { settings: CHARGES, signals: [RETURNED, ["06-08 14:00", "posted"] as const], until: "06-30 00:00" },
      [],
    ],
    [
      "a reply is due in a day, from service",
      { signals: [["06-01 14:00", "message.received"] as const], until: "06-30 00:00" },
      ["service at 2026-06-02T14:00:00.000Z"],
    ],
    [
      "two messages are owed one reply, from the first on",
      { signals: [["06-01 14:00", "message.received"] as const, ["06-02 10:00", "message.received"] as const], until: "06-30 00:00" },
      ["service at 2026-06-02T14:00:00.000Z"],
    ],
    [
      "a delivery for the moment of the message is the reply",
      {
        settings: "moments: {m: {on: message.received, expires: 1d}}",
        signals: [["06-01 14:00", "message.received"] as const],
        until: "06-30 00:00",
      },
      [],
    ],
    [
      "W2: a task for it is none",
      {
        settings: "channels: {box: {kind: file}, desk: {kind: human, queue: q}}\nmoments: {m: {on: message.received, expires: 1d}}",
        experiences: ["channels: {desk: {summary: answer, dueIn: 1h}}"],
        signals: [["06-01 14:00", "message.received"] as const],
        until: "06-30 00:00",
      },
      ["service at 2026-06-02T14:00:00.000Z"],
    ],
    [
      "W2: and the message that goes out later for a moment of hers is",
      {
        settings:
          "channels: {box: {kind: file}, desk: {kind: human, queue: q}}\nmoments: {m: {on: message.received, expires: 9d}, n: {on: message.received, expires: 9d}}",
        experiences: [
          "channels: {desk: {summary: answer, dueIn: 1h}}",
          "id: f\nserves: [n]\nchannels: {box: {text: hi}}\napplicability: [\"count('ready', '1d') > 0\"]",
        ],
        signals: [["06-01 14:00", "message.received"] as const, ["06-01 20:00", "ready"] as const],
        until: "06-30 00:00",
      },
      [],
    ],
    [
      "a delivery for something else is none",
      { signals: [["06-01 14:00", "message.received"] as const, ...GO], until: "06-30 00:00" },
      ["service at 2026-06-02T14:00:00.000Z"],
    ],
    [
      "a promise made by a message is owed once it is sent",
      { experiences: ["promise: {name: callback, due: 2d, owner: sales}"], signals: GO, until: "06-30 00:00" },
      ["sales at 2026-06-03T15:00:00.000Z"],
    ],
    [
      "and not in a holdout",
      {
        settings: "governance: {holdout: 1}",
        experiences: ["promise: {name: callback, due: 2d, owner: sales}"],
        signals: GO,
        until: "06-30 00:00",
      },
      [],
    ],
  ])("overdue: %s", (_, given, wanted) => {
    expect(tasks(given)).toEqual(wanted);
  });

  test("a condition reads the open ones", () => {
    const experiences = [
      'eligibility: [\'customer.promises.exists(p, p.name == "charges" && p.owner == "finance" && daysUntil(p.due) < 7)\']',
    ];
    expect(tell({ settings: CHARGES, experiences, signals: [RETURNED, ...GO] })).toEqual(["06-01 15:00 deliver e@box"]);
  });
});

describe("goals of a delivery", () => {
  const WON = ["success: {signal: won, within: 30d}"];
  const CASES: Scenario[] = [
    {
      name: "puts the experience out once it has come",
      settings: "moments: {m: {on: go, expires: 9d}}\ngovernance: {approval: [true]}",
      experiences: WON,
      signals: [...GO, ["06-01 16:00", "won"]],
      wanted: ["06-01 15:00 await_approval e@box: approval_required", "06-01 16:00 silence: goal_met"],
    },
    {
      name: "does not when it is a code that is refused",
      settings: "moments: {m: {on: go, expires: 9d}}\ngovernance: {approval: [true]}",
      experiences: ["success: {signal: offer.redeemed, within: 30d}"],
      signals: [...GO, ["06-01 16:00", "offer.redeemed", { code: "NOT-OURS" }]],
      wanted: ["06-01 15:00 await_approval e@box: approval_required"],
    },
    {
      name: "does not when it came before the moment opened",
      experiences: WON,
      signals: [["06-01 14:00", "won"], ...GO],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "does not when it is what opens the moment",
      settings: "moments: {m: {on: won, expires: 9d}}",
      experiences: WON,
      signals: [["06-01 15:00", "won"]],
      wanted: ["06-01 15:00 deliver e@box"],
    },
    {
      name: "does not for a moment that opens later",
      settings: 'governance: {quietHours: [{from: "09:00", to: "11:00"}]}\nmoments: {m: {on: go, expires: 1h}}',
      experiences: WON,
      signals: [...GO, ["06-01 15:30", "won"], ["06-01 17:00", "go"]],
      wanted: ["06-01 15:00 silence: quiet_hours", "06-01 15:30 silence: goal_met", "06-01 17:00 deliver e@box"],
    },
    {
      name: "replaces what was put off",
      settings: 'governance: {quietHours: [{from: "09:00", to: "11:00"}]}',
      experiences: ["value: 9\nsuccess: {signal: won}", "id: f"],
      signals: [...GO, ["06-01 15:30", "won"]],
      until: "06-01 18:00",
      wanted: [
        "06-01 15:00 defer e@box until 06-01 16:00: quiet_hours",
        "06-01 15:30 defer f@box until 06-01 16:00: quiet_hours",
        "06-01 16:00 deliver f@box",
      ],
    },
  ];
  test.each(CASES)("$name", check);

  test("a delivery counts as converted within its time limit, and as ignored afterwards", () => {
    const experiences = ["success: {signal: won, within: 2d}"];
    const outcomes = (time: string) =>
      play({ experiences, signals: [...GO, [time, "won"]], until: "06-30 00:00" }).customer.outcomes.map(
        ({ kind, at: when }) => `${kind} ${new Date(when).toISOString()}`,
      );
    expect(outcomes("06-03 14:59:59")).toEqual(["converted 2026-06-03T14:59:59.000Z"]);
    expect(outcomes("06-03 15:00")).toEqual(["ignored 2026-06-03T15:00:00.000Z"]);
  });

  test("a delivery without a response is ignored after a week by default", () => {
    expect(play({ signals: GO, until: "06-08 14:59:59" }).customer.outcomes).toEqual([]);
    expect(play({ signals: GO, until: "06-08 15:00" }).customer.outcomes).toMatchObject([
      { kind: "ignored", at: at("2026-06-08T15:00:00Z") },
    ]);
  });
});

describe("a standing decision", () => {
  const QUIET = 'governance: {quietHours: [{from: "09:00", to: "11:00"}]}';
  test("stands if a new decision would only repeat it", () => {
    expect(tell({ settings: QUIET, signals: [...GO, ["06-01 15:10", "x"], ["06-01 15:20", "go"]] })).toEqual([
      "06-01 15:00 defer e@box until 06-01 16:00: quiet_hours",
    ]);
  });

  test("is superseded only by the decision that replaces it", () => {
    const { decisions } = play({ settings: QUIET, signals: [...GO, ["06-01 17:00", "go"]], until: "06-01 16:30" });
    const [deferred, delivered, next] = decisions;
    expect(delivered).toMatchObject({ action: "deliver", supersedes: deferred?.decisionId });
    expect(deferred?.supersedes).toBeUndefined();
    expect(next?.supersedes).toBeUndefined();
  });

  test("that lapses with its moment is reported where another moment is open", () => {
    const settings = `moments: {m: {on: go, expires: 2h}, n: {on: come, expires: 9d}}\ngovernance: {approval: ["experience.id == 'e'"]}`;
    const story = play({
      settings,
      experiences: ["", "id: f\nserves: [n]\neligibility: [false]"],
      signals: [...GO, ["06-01 15:30", "come"]],
      until: "06-01 18:00",
    });
    expect(story.decisions.map(inShort)).toEqual([
      "06-01 15:00 await_approval e@box: approval_required",
      "06-01 15:30 await_approval e@box: approval_required",
      "06-01 17:00 silence: ineligible, moment_expired",
    ]);
  });

  test("ends silently when its moment is over and none is open", () => {
    const story = play({
      settings: `moments: {m: {on: go, expires: 2h}}\ngovernance: {approval: [true]}`,
      signals: GO,
      until: "06-01 18:00",
    });
    expect(story.decisions).toHaveLength(1);
    expect(story.customer).toMatchObject({ approvals: [], moments: [], timers: {} });
    expect(story.customer.standing).toBeUndefined();
  });
});

describe("W17: of several phones that are said together", () => {
  const phone = (value: string, primary?: boolean) => ({ type: "phone", value, ...(primary === undefined ? {} : { primary }) });
  test.each([
    ["the first counts", [phone("+15550001"), phone("+15550002")], "+15550001"],
    ["the primary one counts", [phone("+15550001"), phone("+15550002", true), phone("+15550003")], "+15550002"],
    ["the first primary one counts", [phone("+15550001"), phone("+15550002", true), phone("+15550003", true)], "+15550002"],
    ["one that is not primary is as any other", [phone("+15550001", false), phone("+15550002")], "+15550001"],
  ])("%s", (_, identities, wanted) => {
    const story = play({
      settings: "channels: {text: {kind: file, address: phone}}\ngovernance: {consent: {text: opt_out}}",
      experiences: ["channels: {text: {text: hi}}"],
      signals: [
        ["06-01 15:00", "customer.updated", { identities: [{ type: "email", value: "a@b.example", primary: true }, ...identities] }],
        ["06-01 16:00", "go"],
      ],
    });
    expect(story.customer.deliveries.map(({ to }) => to)).toEqual([wanted]);
  });
});
