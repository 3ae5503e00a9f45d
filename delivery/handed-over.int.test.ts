import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { NewDelivery } from "../domain/entities/change.ts";
import type { KeptDelivery } from "../store/store.ts";
import { type OperatedStore, openOperated } from "../testing/operated-store.ts";
import { policyOf } from "../testing/policy.ts";

/** One experience for each kind of delivery; each serves the moment that the signal of its own name opens. */
const KINDS: Readonly<Record<string, string>> = {
  plain: "channels: {box: {text: Hello}}",
  written: 'channels: {hook: {payload: {zone: 1, a: "{{ signal.data.amount }}", list: [{b: 1, a: 2}]}}}',
  varied: "channels: {mail: {variants: {short: {text: Hi, locales: {de: {text: Hallo}}}}}}",
  promising: "promise: {name: callback, due: 2d, owner: sales}\nchannels: {mail: {text: We call you}}",
  "message.received": "channels: {box: {text: Thank you}}",
  "customer.merged": "channels: {box: {text: Welcome back}}",
  task: "channels: {desk: {summary: Call}}",
  tried: "channels: {box: {text: Tried}}",
  late: "channels: {night: {text: Good morning}}",
  place: "channels: {web: {content: {say: Hello}}, box: {text: Hello}}",
  done: "action: {tool: open_case, input: {subject: A question}}\nchannels: {box: {text: Your case is open}}",
  told: 'action: {tool: issue_offer, input: {listPrice: 100, percent: 5, floor: 20, validFor: 3h}}\nchannels: {box: {text: "{{ action.code }}"}}',
};

const nameOf = (kind: string): string => kind.replace(".", "_");
const compiled = policyOf(
  `
  timezone: UTC
  record: {mergeFrom: [test]}
  learning: {explore: none}
  channels:
    box: {kind: file, address: none}
    mail: {kind: file, address: email}
    night: {kind: file, address: none}
    hook: {kind: webhook, address: none, url: "https://hooks.example.com", secret: whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0}
    desk: {kind: human, address: none, queue: sales}
    web: {kind: pull, places: [hero]}
  moments: {${Object.keys(KINDS)
    .map((kind) => `${nameOf(kind)}: {on: ${kind}, expires: 1d}`)
    .join(", ")}}
  promises: {reply: {due: 24h, owner: service}}
  governance:
    caps: []
    offers: {maxPercent: 10}
    consent: {box: opt_out, mail: opt_out, night: opt_out, hook: opt_out, web: opt_out}
    quietHours: [{channels: [night], from: "10:00", to: "14:00"}]
`,
  Object.entries(KINDS).map(([kind, rest]) => `id: ${nameOf(kind)}\nserves: [${nameOf(kind)}]\n${rest}`),
);
/** As what is tried beside what stays. */
const policy = {
  ...compiled,
  experiences: compiled.experiences.map((one) => (one.id === "tried" ? { ...one, learnsAs: "tried~1" } : one)),
};

let opened: OperatedStore;
beforeAll(async () => {
  opened = await openOperated(policy);
});
afterAll(() => opened?.runtime.close());
beforeEach(() => opened.runtime.store.clear());
afterEach(() => {
  vi.restoreAllMocks();
});

interface Seen {
  readonly handed: readonly KeptDelivery[];
  /** What their rows say at that moment, before anything claims them. */
  readonly rows: readonly KeptDelivery[];
}

/** The deliveries handed over to each send job, beside their rows. */
function watch(): Promise<Seen>[] {
  const { handedOver, store } = opened.runtime.deps;
  const { take } = handedOver;
  const seen: Promise<Seen>[] = [];
  vi.spyOn(handedOver, "take").mockImplementation((ids) => {
    const handed = take(ids);
    seen.push(store.deliveries.open(ids).then((rows) => ({ handed, rows })));
    return handed;
  });
  return seen;
}

const play = async (kind: string, data = {}) => opened.play([["2026-06-02T12:00:00Z", kind, data]], "2026-06-02T15:00:00Z");
const ann = { id: "c-1", traits: { locale: "de-DE" }, identities: [{ type: "email", value: "ann@example.com" }] };

/** What the signals say. */
const DATA: Readonly<Record<string, object>> = {
  written: { amount: 12.5 },
  "message.received": { channel: "box", text: "Hello" },
  "customer.merged": { into: "c-2" },
};

test.each([
  ["plain", {}],
  ["written", { content: { payload: { zone: 1, a: 12.5, list: [{ b: 1, a: 2 }] } } }],
  ["varied", { to: "ann@example.com", variant: "short", locale: "de" }],
  ["promising", { to: "ann@example.com", makes: { name: "callback" } }],
  ["message.received", { keeps: [expect.any(String)] }],
  ["customer.merged", { customerId: "c-2" }],
  ["task", {}],
  ["tried", { learnsAs: "tried~1" }],
  ["late", { at: Date.parse("2026-06-02T14:00:00Z") }],
  ["place", { channel: "box" }],
])("a delivery of the kind %s is handed over as its row is, column by column", async (kind, columns) => {
  await opened.customers(ann, { id: "c-2" });
  const seen = watch();
  await play(kind, DATA[kind]);
  const [{ handed, rows } = { handed: [], rows: [] }, ...more] = await Promise.all(seen);
  expect(more).toEqual([]);
  expect(handed).toHaveLength(1);
  expect(handed).toStrictEqual(rows);
  expect(handed[0]).toMatchObject(columns);
});

test.each(["done", "told"])("a delivery whose action comes first (%s) is read again", async (kind) => {
  const seen = watch();
  await play(kind);
  // The job of the action names no delivery.
  const [{ handed, rows } = { handed: undefined, rows: [] }] = await Promise.all(seen);
  expect(handed).toEqual([]);
  expect(rows).toMatchObject([{ experienceId: kind, acted: "done", content: { text: expect.any(String) } }]);
  expect(await opened.rows("select status from deliveries")).toEqual([{ status: "sent" }]);
});

test("what is given again after an attempt, and what nobody took, is read", async () => {
  const { handedOver } = opened.runtime.deps;
  const facts = { deliveryId: "m-1", experienceId: "e", channel: "box", at: 0, frozen: {} };
  const written: NewDelivery = { ...facts, moments: [], expiresAt: 1, keeps: [], isTouch: true, facts: {}, features: [] };
  const recovered = { ...facts, decisionId: "d-1", customerId: "c-1", runId: "r-1", content: { text: "a\u0000b" }, isReady: true };
  const ready = { ...recovered, written };
  handedOver.give([ready]);
  expect(handedOver.take(["m-2", "m-1"])).toMatchObject([{ deliveryId: "m-1", status: "reserved", content: { text: "a\ufffdb" } }]);
  expect(handedOver.take(["m-1"])).toEqual([]);
  const forget = handedOver.give([ready]);
  forget();
  expect(handedOver.take(["m-1"])).toEqual([]);
  // Recovered, or without its text.
  handedOver.give([recovered, { ...ready, deliveryId: "m-2", isReady: false }]);
  expect(handedOver.take(["m-1", "m-2"])).toEqual([]);
});
