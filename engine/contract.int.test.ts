import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Decision } from "../domain/entities/decision.ts";
import type { Json, JsonObject } from "../domain/values/json.ts";
import { importCustomers, readCustomerText } from "../intake/import-customers.ts";
import { readSignalLines } from "../intake/read-signals.ts";
import { createRuntime, type Runtime } from "../runtime/create-runtime.ts";
import { at, NOW } from "../testing/builders.ts";
import { policyOf } from "../testing/policy.ts";
import { inFull, inShort } from "../testing/tell.ts";
import { runStream, type StreamResult } from "./run-stream.ts";

const box = (id: string, moment: string, text: string, rest = "") =>
  `id: ${id}\nserves: [${moment}]\nchannels: {box: {text: "${text}"}}\n${rest}`;
const acting = (id: string, moment: string, tool: string, input: string, text = "done") =>
  box(id, moment, text, `action: {tool: ${tool}, input: ${input}}`);

const POLICY = policyOf(
  `
  channels: {box: {kind: file}, desk: {kind: human, queue: showroom}}
  learning: {explore: none}
  record: {sources: [leasing, dealer], fields: {ends: {rule: source_sequence}}}
  moments:
    went: {on: go, expires: 1d}
    ended: {on: end, expires: 1d}
    missed: {absent: {signal: bought, for: 9d}, expires: 1d}
    once: {on: once, expires: 1d}
    few: {on: few, expires: 1d}
    offered: {on: offer, expires: 1d}
    redeemed: {on: offer.redeemed, expires: 1d}
    wrong: {on: wrong, expires: 1d}
    called: {on: call.me, expires: 1d}
    hooked: {on: hook, expires: 1d}
    cased: {on: trouble, expires: 1d}
    traited: {on: learn, expires: 1d}
    promised: {on: promise.me, expires: 1d}
    wrote: {on: message.received, expires: 1d}
  governance:
    suppress: [{when: customer.openCases > 0, departments: [sales], reason: open service case}]
  `,
  [
    box("went", "went", "Hello {{ customer.name | default: 'you' }}"),
    box("ended", "ended", "It ends on {{ customer.ends | date: '%-d %B' }}"),
    box("repair", "fact_corrected", "Not {{ moment.data.facts.ends.said }} but {{ moment.data.facts.ends.now }}"),
    box("missed", "missed", "We miss you"),
    box("once", "once", "Once", "limits: {perCustomer: 1}"),
    box("few", "few", "One of two", "limits: {total: 2}"),
    acting(
      "offered",
      "offered",
      "issue_offer",
      "{percent: 20, price: 100, floor: 90, validFor: 3h}",
      "{{ action.code }} {{ action.price }} {{ action.expiresAt }}",
    ),
    box("redeemed", "redeemed", "{{ moment.data.accepted }} {{ moment.data.reason | default: 'well' }}"),
    acting("wrong", "wrong", "issue_offer", "{percent: 200, validFor: 3h}"),
    "id: called\nserves: [called]\nchannels: {desk: {summary: \"Call {{ customer.name | default: 'them' }}\", dueIn: 1h}}",
    acting("hooked", "hooked", "http_request", "{url: 'https://example.com/'}", "[{{ action.body.id }}]"),
    acting("cased", "cased", "open_case", "{subject: Trouble}"),
    acting("traited", "traited", "update_traits", "{traits: {name: Ann}}", "done"),
    acting("promised", "promised", "open_promise", "{name: callback, due: 2d, owner: sales}"),
    box("sold", "cased", "Buy", "department: sales\nvalue: 0.1"),
    box("answered", "wrote", "Thank you"),
  ],
);

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ policy: POLICY, live: false, now: () => NOW });
});
afterAll(() => runtime.close());
beforeEach(() => runtime.store.clear());

type Line =
  | string
  | readonly [time: string | undefined, type: string, given?: { readonly data?: JsonObject; readonly [field: string]: Json | undefined }];

let made = 0;
const lineOf = (line: Line): string => {
  if (typeof line === "string") return line;
  const [time, type, given = {}] = line;
  return JSON.stringify({
    specversion: "1.0",
    id: `s-${++made}`,
    source: "web",
    type,
    subject: "c-1",
    ...(time === undefined ? {} : { time: inFull(time) }),
    ...given,
  });
};

interface Played extends StreamResult {
  readonly told: string[];
  readonly decided: Decision[];
}

/** Replays lines on the existing store. */
async function run(
  lines: readonly Line[],
  { until, customers = [] }: { until?: string; customers?: readonly Json[] } = {},
): Promise<Played> {
  const decided: Decision[] = [];
  const { store, decider } = runtime;
  const { lines: records } = readCustomerText(customers.map((one) => JSON.stringify(one)).join("\n"));
  const result = await runStream(readSignalLines(Readable.from(lines.map(lineOf).join("\n"))), {
    ...{ store, decider },
    onDecision: (decision) => void decided.push(decision),
    beforeFirst: async (first) => void (await importCustomers(records, first, store, POLICY)),
    ...(until === undefined ? {} : { until: at(inFull(until).replace("Z", "")) }),
  });
  return { ...result, decided, told: decided.map((decision) => `${decision.customerId} ${inShort(decision)}`) };
}

const textOf = ({ deliveries }: Decision): unknown => (deliveries[0]?.content as JsonObject | undefined)?.text;
const recordOf = async (id: string) => (await runtime.store.customers.load([id], POLICY, NOW)).get(id) ?? expect.fail(`${id} is known`);
const OF = (subject: string) => ({ subject });
const BY = (value: string, data: JsonObject = {}) => ({ subject: undefined, data: { ...data, identities: [{ type: "email", value }] } });

describe("the clock of a replay", () => {
  test("is the latest time seen and never goes back; signals are processed in file order", async () => {
    const { told } = await run([
      ["06-01 15:00", "go"],
      ["06-01 14:00", "go", OF("c-2")],
      ["06-01 16:00", "go", OF("c-3")],
    ]);
    expect(told).toEqual(["c-1 06-01 15:00 deliver went@box", "c-2 06-01 15:00 deliver went@box", "c-3 06-01 16:00 deliver went@box"]);
  });

  test("opens a late moment from its own time on", async () => {
    const { decided } = await run([
      ["06-01 15:00", "x"],
      ["06-01 14:00", "go"],
      ["05-31 15:00", "go", OF("c-2")],
      ["05-31 15:00:01", "go", OF("c-3")],
    ]);
    expect(decided.map(({ customerId, moments }) => [customerId, moments[0]?.openedAt])).toEqual([
      ["c-1", "2026-06-01T14:00:00Z"],
      ["c-3", "2026-05-31T15:00:01Z"],
    ]);
  });

  test("fires timers due before a signal before it, and timers due at the same instant after it", async () => {
    const due = async (time: string) =>
      (
        await run([
          ["06-01 15:00", "bought"],
          [time, "go", OF("c-2")],
        ])
      ).told.map((line) => line.slice(0, 3));
    expect(await due("06-10 15:00")).toEqual(["c-2", "c-1"]);
    await runtime.store.clear();
    expect(await due("06-10 15:00:01")).toEqual(["c-1", "c-2"]);
  });

  test("stops at the last signal, or advances to a given end; timers due until then still fire", async () => {
    expect(
      (
        await run([
          ["06-01 15:00", "bought"],
          ["06-10 14:59", "x"],
        ])
      ).told,
    ).toEqual([]);
    expect((await run([], { until: "06-10 14:59:59" })).told).toEqual([]);
    expect((await run([], { until: "06-10 15:00" })).told).toEqual(["c-1 06-10 15:00 deliver missed@box"]);
  });

  test("skips signals after the given end", async () => {
    const { told, afterUntil, signals } = await run(
      [
        ["06-01 15:00", "go"],
        ["06-03 15:00", "go"],
        ["06-02 15:00", "go"],
      ],
      { until: "06-02 15:00" },
    );
    expect(told).toEqual(["c-1 06-01 15:00 deliver went@box", "c-1 06-02 15:00 deliver went@box"]);
    expect({ afterUntil, signals }).toEqual({ afterUntil: 1, signals: 2 });
  });

  test("gives a signal without a time the current one", async () => {
    expect(
      (
        await run([
          ["06-01 15:00", "x"],
          [undefined, "go"],
        ])
      ).told,
    ).toEqual(["c-1 06-01 15:00 deliver went@box"]);
  });
});

describe("invalid lines", () => {
  const event = (given: JsonObject) =>
    JSON.stringify({ specversion: "1.0", id: "x", source: "web", type: "go", subject: "c-9", time: "2026-06-01T15:00:00Z", ...given });
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  const BROKEN: Readonly<Record<string, string>> = Object.fromEntries([
    ["no JSON", "no json"],
    ["a list", "[]"],
    ["another version", event({ specversion: "0.3" })],
    ["no type", event({ type: "" })],
    ["no id", event({ id: "" })],
    ["a time that is none", event({ time: "yesterday" })],
    ["a time without a zone", event({ time: "2026-06-01T15:00:00" })],
    ["a time before 1970", event({ time: "1969-12-31T23:59:59Z" })],
    ["a time after 2100", event({ time: "2101-01-01T00:00:00Z" })],
    ["nobody named", event({ subject: null })],
    ["data that is a list", event({ data: [] })],
    ["identities that are none", event({ data: { identities: [{ type: "email" }] } })],
    ["more than 32 KB", event({ data: { text: "x".repeat(32 * 1024) } })],
    ["65 levels", event({}).replace(/}$/, `,"data":{"a":${nested(64)}}}`)],
    ["a NUL", event({ data: { text: "a\u0000b" } })],
    ["half a surrogate pair", event({}).replace(/}$/, ',"data":{"text":"\\ud800"}}')],
  ]);

  test("are reported with their line numbers, and all other lines run", async () => {
    const { problems, told } = await run(["", ...Object.values(BROKEN), ["06-01 15:01", "go"]]);
    expect(problems.map(({ line }) => Object.keys(BROKEN)[line - 2])).toEqual(Object.keys(BROKEN));
    expect(told).toEqual(["c-1 06-01 15:01 deliver went@box"]);
  });

  test("do not include times in the first second of 1970, the last of 2100, or in another zone", async () => {
    const times = ["1970-01-01T00:00:00Z", "2026-06-01T10:00:00-05:00", "2100-12-31T23:59:59Z"];
    const { problems, decided } = await run(times.map((time, index) => event({ time, id: `t-${index}` })));
    expect(problems).toEqual([]);
    expect(decided.map(({ decidedAt }) => Date.parse(decidedAt))).toEqual(times.map((time) => Date.parse(time)));
  });
});

describe("a signal received twice", () => {
  const SAME = { id: "same", data: { a: 1, b: 2 } };
  test("is stored once, whatever the order of its fields", async () => {
    const { told, duplicates, conflicts } = await run([
      ["06-01 15:00", "go", SAME],
      ["06-01 15:00", "go", { data: { b: 2, a: 1 }, id: "same" }],
    ]);
    expect({ count: told.length, duplicates, conflicts }).toEqual({ count: 1, duplicates: 1, conflicts: [] });
  });

  test("with another body is a conflict: the first is kept", async () => {
    const { told, duplicates, conflicts } = await run([
      ["06-01 15:00", "go", SAME],
      ["06-01 15:00", "go", { ...SAME, data: { a: 2 } }],
    ]);
    expect({ count: told.length, duplicates, lines: conflicts.map(({ line }) => line) }).toEqual({ count: 1, duplicates: 0, lines: [2] });
  });

  test("from another source is a different signal", async () => {
    expect(
      (
        await run([
          ["06-01 15:00", "go", SAME],
          ["06-01 15:00", "go", { ...SAME, source: "crm" }],
        ])
      ).told,
    ).toHaveLength(2);
  });

  test("is recognized in a later run on the same store", async () => {
    await run([["06-01 15:00", "go", SAME]]);
    expect(await run([["06-01 15:00", "go", SAME]])).toMatchObject({ told: [], duplicates: 1 });
  });
});

describe("the customer of a signal", () => {
  const ANN = { id: "ann", traits: { name: "Ann" }, identities: [{ type: "email", value: "ann@example.com" }] };
  test("is found by identity without a subject", async () => {
    expect((await run([["06-01 15:00", "go", BY("ann@example.com")]], { customers: [ANN] })).told).toEqual([
      "ann 06-01 15:00 deliver went@box",
    ]);
  });

  test("is created once if unknown, with the signal recorded as origin", async () => {
    const { decided, createdCustomers } = await run([
      ["06-01 15:00", "go", { ...BY("new@example.com"), id: "first" }],
      ["06-01 16:00", "go", BY("new@example.com")],
    ]);
    const [one, two] = decided;
    expect(createdCustomers).toBe(1);
    expect(two?.customerId).toBe(one?.customerId);
    expect((await recordOf(one?.customerId ?? "")).origin).toMatchObject({ kind: "signal", id: "first", source: "web" });
  });

  test("is the first one with the identity: a second one keeps it as an address only", async () => {
    const bob = { subject: "bob", data: { identities: [{ type: "email", value: "ann@example.com" }] } };
    const { told, sharedIdentities } = await run(
      [
        ["06-01 15:00", "x", bob],
        ["06-01 16:00", "go", BY("ann@example.com")],
      ],
      { customers: [ANN] },
    );
    expect(told).toEqual(["ann 06-01 16:00 deliver went@box"]);
    expect((await recordOf("bob")).identities).toMatchObject([{ value: "ann@example.com", owned: false }]);
    expect(sharedIdentities).toBe(1);
  });

  test("conflicts with an import that claims another customer's identity: the import reports it", async () => {
    const { lines } = readCustomerText(`${JSON.stringify(ANN)}\n${JSON.stringify({ ...ANN, id: "bob" })}`);
    expect(await importCustomers(lines, NOW, runtime.store, POLICY)).toEqual({
      imported: 2,
      unchanged: 0,
      sharedIdentities: 1,
      problems: [],
      moreProblems: 0,
    });
    expect(await importCustomers(lines, NOW, runtime.store, POLICY)).toEqual({
      imported: 0,
      unchanged: 2,
      sharedIdentities: 0,
      problems: [],
      moreProblems: 0,
    });
  });

  test("may gain an identity by which later signals find them", async () => {
    const bob = { subject: "bob", data: { identities: [{ type: "email", value: "bob@example.com" }] } };
    expect(
      (
        await run([
          ["06-01 15:00", "x", bob],
          ["06-01 16:00", "go", BY("bob@example.com")],
        ])
      ).told,
    ).toEqual(["bob 06-01 16:00 deliver went@box"]);
  });

  test("is imported at the time of the first signal, before it", async () => {
    const { decided } = await run(
      [
        ["06-01 15:00", "go", { subject: "ann", source: "import", data: { traits: { name: "Anna" } } }],
        ["06-01 16:00", "go", OF("ann")],
      ],
      { customers: [ANN] },
    );
    expect(decided.map(textOf)).toEqual(["Hello Anna", "Hello Anna"]);
    expect(decided[0]?.deliveries[0]?.facts).toEqual({ name: { value: "Anna", source: "import", at: "2026-06-01T15:00:00Z" } });
  });
});

describe("actions in a replay", () => {
  test("are recorded and not sent, and count like sent ones", async () => {
    const { decided } = await run([
      ["06-01 15:00", "once"],
      ["06-01 16:00", "once"],
    ]);
    expect(decided[0]?.deliveries).toMatchObject([{ status: "sent", recorded: true, channel: "box", content: { text: "Once" } }]);
    expect(decided.map(inShort)).toEqual(["06-01 15:00 deliver once@box", "06-01 16:00 silence: limit_reached"]);
  });

  test("free the slot of a bounced message", async () => {
    const { decided } = await run([["06-01 15:00", "once"]]);
    const deliveryId = decided[0]?.deliveries[0]?.deliveryId ?? "";
    const { told } = await run([
      ["06-01 16:00", "delivery.bounced", { data: { deliveryId } }],
      ["06-01 17:00", "once"],
    ]);
    expect(told).toEqual(["c-1 06-01 17:00 deliver once@box"]);
  });

  test("give the last item of a limited experience to the first customer, and keep the limit", async () => {
    const { told } = await run(["c-3", "c-2", "c-1"].map((subject): Line => ["06-01 15:00", "few", { subject }]));
    expect(told).toEqual(["c-3 06-01 15:00 deliver few@box", "c-2 06-01 15:00 deliver few@box", "c-1 06-01 15:00 silence: limit_reached"]);
  });

  test("create tasks for humans, with queue, due time and facts", async () => {
    await run([["06-01 15:00", "call.me", { data: { traits: { name: "Ann" } } }]]);
    expect(await runtime.store.read.tasks({ limit: 9 })).toMatchObject([
      { queue: "showroom", summary: "Call Ann", due: "2026-06-01T16:00:00Z", facts: { name: { value: "Ann", source: "web" } } },
    ]);
  });

  test("record external calls, which return nothing", async () => {
    const { decided } = await run([["06-01 15:00", "hook"]]);
    expect(decided.map(textOf)).toEqual(["[]"]);
  });

  test("open cases, which keep a department quiet", async () => {
    const { decided } = await run([
      ["06-01 15:00", "trouble"],
      ["06-01 16:00", "trouble"],
    ]);
    const codes = decided.map(({ candidates }) =>
      candidates.find(({ experienceId }) => experienceId === "sold")?.reasons.map(({ code }) => code),
    );
    expect(codes).toEqual([["lower_priority"], ["suppressed"]]);
  });

  test("update traits and open promises", async () => {
    const { decided } = await run(
      [
        ["06-01 15:00", "learn"],
        ["06-01 16:00", "promise.me"],
        ["06-01 17:00", "go"],
      ],
      { until: "06-03 16:00" },
    );
    expect(decided.map(textOf)).toEqual(["done", "done", "Hello Ann"]);
    expect(await runtime.store.read.tasks({ limit: 9 })).toMatchObject([
      { queue: "sales", facts: { promise: "callback" }, due: "2026-06-04T16:00:00Z" },
    ]);
  });

  test("send no message whose action failed, and free its slot", async () => {
    const { decided } = await run([["06-01 15:00", "wrong"]]);
    expect(decided).toMatchObject([{ action: "deliver", deliveries: [{ status: "failed" }] }]);
    expect((await recordOf("c-1")).touches).toEqual([]);
  });

  test("keep the promise to reply by answering the message", async () => {
    await run([["06-01 15:00", "message.received", { data: { channel: "box", text: "hi" } }]], { until: "06-05 00:00" });
    expect((await recordOf("c-1")).promises).toEqual([]);
    expect(await runtime.store.read.tasks({ limit: 9 })).toEqual([]);
  });

  test("are deterministic", async () => {
    const lines = [
      ["06-01 15:00", "go"],
      ["06-01 15:00", "few"],
      ["06-02 15:00", "trouble", OF("c-2")],
      ["06-02 16:00", "bought"],
    ] as const;
    const written = lines.map(lineOf);
    const first = await run(written, { until: "06-30 00:00" });
    await runtime.store.clear();
    expect((await run(written, { until: "06-30 00:00" })).decided).toEqual(first.decided);
  });
});

describe("offers", () => {
  const issued = async () => {
    const { decided } = await run([["06-01 15:00", "offer"]]);
    const [code = "", ...rest] = String(textOf(decided[0] ?? expect.fail("an offer"))).split(" ");
    return { code, rest };
  };
  test("are raised to their floor, and end to the second", async () => {
    expect((await issued()).rest).toEqual(["90", "2026-06-01T18:00:00Z"]);
  });
  test.each([
    ["are taken until they end", "06-01 17:59:59", "true well"],
    ["are refused at their end", "06-01 18:00", "false expired"],
  ])("%s", async (_, time, text) => {
    const { code } = await issued();
    expect((await run([[time, "offer.redeemed", { data: { code } }]])).decided.map(textOf)).toEqual([text]);
  });
  test("are redeemed once", async () => {
    const { code } = await issued();
    const { decided } = await run([
      ["06-01 16:00", "offer.redeemed", { data: { code } }],
      ["06-01 16:30", "offer.redeemed", { data: { code } }],
    ]);
    expect(decided.map(textOf)).toEqual(["true well", "false used"]);
  });
  test("cannot be redeemed by another customer", async () => {
    const { code } = await issued();
    expect((await run([["06-01 16:00", "offer.redeemed", { subject: "c-2", data: { code } }]])).decided.map(textOf)).toEqual([
      "false unknown",
    ]);
  });
});

describe("a stated fact that changes", () => {
  const news = (time: string, ends: string, source = "leasing"): Line => [time, "customer.updated", { source, data: { traits: { ends } } }];
  test("is corrected once per delivery and value, by the source that wins", async () => {
    const { decided } = await run([
      news("06-01 14:00", "2026-09-01"),
      ["06-01 15:00", "end"],
      news("06-02 15:00", "2026-09-09", "dealer"),
      news("06-03 15:00", "2026-10-01"),
      ["06-04 15:00", "x"],
      news("06-05 15:00", "2026-11-01"),
    ]);
    expect(decided.map(textOf)).toEqual(["It ends on 1 September", "Not 2026-09-01 but 2026-10-01", "Not 2026-09-01 but 2026-11-01"]);
    expect(decided[0]?.deliveries[0]?.facts).toEqual({ ends: { value: "2026-09-01", source: "leasing", at: "2026-06-01T14:00:00Z" } });
  });
});
