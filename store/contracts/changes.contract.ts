import { expect, test } from "vitest";
import { type Change, evolve } from "../../domain/entities/change.ts";
import type { Customer, Moment } from "../../domain/entities/customer.ts";
import { ABOUT_ANYTHING } from "../../domain/moments/look-back.ts";
import { canonicalJson } from "../../domain/values/json.ts";
import { DAY, HOUR } from "../../domain/values/time.ts";
import type { Store } from "../store.ts";
import { aCommit, aDecision, aDelivery, aNewCustomer, aSignal, delivering, load, NOON, revoked, write } from "./examples.contract.ts";

interface Example {
  /** Changes that must precede it. */
  readonly given?: readonly Change[];
  readonly changes: readonly Change[];
}

const moment: Moment = {
  momentId: "mo-1",
  name: "lease_ending",
  openedAt: NOON,
  expiresAt: NOON + DAY,
  urgency: 0.7,
  data: { page: "/lease", nested: { deep: [1, null, "ü"] } },
  openedBy: "web\ns-1",
  openedOn: "lease.viewed",
  openedSeq: 4,
  confidence: 0.9,
  decidedBy: "model",
};
const opened: Extract<Change, { type: "moment_opened" }> = { type: "moment_opened", moment, openings: ["lease_ending"] };
const promise = {
  promiseId: "p-1",
  name: "reply",
  owner: "service",
  openedAt: NOON,
  due: NOON + DAY,
  openedBy: ["web\ns-1"],
  words: ["Where is it?"],
  overdue: false,
};
const promised: Change = { type: "promise_opened", promise };
const approval = {
  approvalId: "a-1",
  experienceId: "upgrade",
  momentId: "mo-1",
  state: "pending",
  reason: "high value",
  askedAt: NOON,
} as const;
const asked: Change = { type: "approval_asked", approval, decisionId: "d-1" };
const standing = {
  decisionId: "d-s",
  action: "defer",
  experienceId: "lease-options",
  momentIds: ["mo-1"],
  signature: "defer|mo-1",
  waits: { momentId: "mo-1", channel: "email", variant: "short", until: NOON + HOUR, probability: 0.25 },
} as const;
const deferred: Change = { type: "decided", decision: aDecision("d-s", "c-1", { action: "defer" }), standing };
const sent = delivering("c-1", aDelivery("m-1"));
const outcome = {
  deliveryId: "m-1",
  experienceId: "lease-options",
  channel: "email",
  department: "sales",
  kind: "converted",
  at: NOON + HOUR,
} as const;
const seen = { at: NOON, seq: 3, count: 2, gap: 12.5 };

const offer = {
  ...{ code: "AAAA-BBBB-CCCC", issuedAt: NOON, expiresAt: NOON + DAY, percent: 20, price: 79.2 },
  ...{ stackable: true, includes: ["DDDD-EEEE-FFFF"] },
};

const gone = { type: "email", value: "a@example.org", at: NOON, source: "channel/email", reason: "smtp 550 5.1.1" };

/** An example of each kind of change; the compiler requires one for every new kind. */
const EXAMPLES: { readonly [T in Exclude<Change["type"], "merged" | "unmerged">]: Example } = {
  customer_created: { changes: [{ type: "customer_created", origin: { kind: "signal", at: NOON, source: "web", id: "s-1" } }] },
  claims_set: {
    given: [{ type: "claims_set", claims: {}, leftOut: { at: NOON, count: 1, paths: ["a"] } }],
    changes: [
      {
        type: "claims_set",
        leftOut: { at: NOON + 1, count: 3, paths: ["c", "a.b"] },
        claims: { "lease.endsOn": { crm: { value: { a: [1.5, "x", null, {}] }, at: NOON, seq: 1 } } },
      },
    ],
  },
  identity_added: {
    given: [
      {
        type: "identity_added",
        identity: { type: "email", value: "a@example.org", source: "crm", at: NOON, seq: 1, place: 1, owned: true },
      },
    ],
    changes: [
      {
        type: "identity_added",
        identity: { type: "email", value: "A@example.org", source: "web", at: NOON + 1, seq: 2, place: 0, owned: true },
      },
      { type: "identity_added", identity: { type: "phone", value: "+15550001", source: "web", at: NOON, seq: 2, place: 2, owned: false } },
    ],
  },
  // The row only: the consequences for holders of the address are tested in addresses.contract.ts.
  address_refused: {
    changes: [
      {
        type: "address_refused",
        refusal: { type: "email", form: "a@example.org", channel: "email", status: "revoked", at: NOON, source: "channel/email", seq: 1 },
      },
    ],
  },
  address_gone: {
    changes: [{ type: "address_gone", address: gone }],
  },
  address_lifted: {
    given: [
      { type: "address_gone", address: gone },
      { type: "address_gone", address: { ...gone, value: "b@example.org" } },
    ],
    changes: [{ type: "address_lifted", address: { type: "email", value: "a@example.org" } }],
  },
  consent_set: {
    given: [{ type: "consent_set", consent: { channel: "email", status: "granted", at: NOON, source: "crm", seq: 1 } }],
    changes: [
      {
        type: "consent_set",
        consent: { channel: "email", status: "revoked", at: NOON + 5, source: "web", seq: 2, reason: "refused by the provider" },
      },
    ],
  },
  consent_restored: {
    given: [
      { type: "consent_set", consent: { channel: "email", status: "revoked", at: NOON, source: "crm", seq: 1 } },
      { type: "consent_set", consent: { channel: "sms", status: "granted", at: NOON, source: "crm", seq: 1 } },
    ],
    changes: [
      {
        type: "consent_restored",
        channel: "email",
        consent: { channel: "email", status: "denied", at: NOON - 5, source: "web", seq: 0, reason: "why" },
      },
      { type: "consent_restored", channel: "sms", consent: null },
    ],
  },
  signal_seen: { changes: [{ type: "signal_seen", signalType: "page.viewed", seen, at: NOON }] },
  stage_changed: {
    given: [{ type: "stage_changed", changeId: "sc-1", from: null, to: "active", at: NOON }],
    changes: [{ type: "stage_changed", changeId: "sc-2", from: "active", to: null, at: NOON + DAY }],
  },
  moment_opened: { changes: [{ ...opened, openings: ["lease_ending", "lease_ending\nm-1"] }] },
  moment_ended: {
    given: [opened],
    changes: [{ type: "moment_ended", momentId: "mo-1", end: "expired", at: NOON + DAY }],
  },
  promise_opened: { changes: [promised] },
  promise_extended: {
    given: [promised],
    changes: [{ type: "promise_extended", promiseId: "p-1", openedBy: ["web\ns-2"], words: ["Where is it?", "Well?"] }],
  },
  promise_overdue: { given: [promised], changes: [{ type: "promise_overdue", promiseId: "p-1" }] },
  promise_ended: {
    given: [promised],
    changes: [{ type: "promise_ended", promiseId: "p-1", end: "kept", at: NOON + 1, by: "human.touch" }],
  },
  case_opened: { changes: [{ type: "case_opened", caseId: "k-1", at: NOON, data: { subject: "brakes" } }] },
  case_closed: {
    given: [
      { type: "case_opened", caseId: "k-1", at: NOON, data: {} },
      { type: "case_opened", caseId: "k-2", at: NOON, data: {} },
    ],
    changes: [{ type: "case_closed", caseId: "k-1", at: NOON + 1 }],
  },
  touch_added: {
    changes: [
      { type: "touch_added", touch: { touchId: "t-1", at: NOON, kind: "visit", channel: "visit" } },
      { type: "touch_added", touch: { touchId: "t-2", at: NOON + 1, kind: "call", channel: "call", department: "service" } },
    ],
  },
  outcome_added: { given: [sent], changes: [{ type: "outcome_added", outcome, reward: 1 }] },
  delivery_moved: {
    given: [sent, delivering("c-1", aDelivery("m-2", { at: NOON + 1 }))],
    changes: [
      { type: "delivery_moved", deliveryId: "m-1", to: "cancelled", reason: "goal_met", at: NOON + 2 },
      { type: "delivery_moved", deliveryId: "m-2", to: "delivered", reason: "delivery.opened", at: NOON + 2 },
    ],
  },
  approval_asked: { given: [opened], changes: [asked] },
  approval_lapsed: { given: [opened, asked], changes: [{ type: "approval_lapsed", approvalId: "a-1", at: NOON }] },
  task_added: {
    changes: [
      { type: "task_added", task: { taskId: "t-1", queue: "service", summary: "call", due: NOON + DAY, at: NOON, facts: { name: "Ada" } } },
    ],
  },
  task_withdrawn: { changes: [{ type: "task_withdrawn", deliveryId: "m-1", at: NOON }] },
  offer_issued: { changes: [{ type: "offer_issued", offer }] },
  offer_redeemed: {
    given: [{ type: "offer_issued", offer }],
    changes: [{ type: "offer_redeemed", code: offer.code, by: "till\ns-9", at: NOON + 1 }],
  },
  offer_refused: {
    given: [{ type: "offer_issued", offer }],
    changes: [{ type: "offer_refused", code: offer.code, reason: "expired", by: "till\ns-9", at: NOON + DAY }],
  },
  lesson: {
    given: [sent],
    changes: [{ type: "lesson", deliveryId: "m-1", experienceId: "e-1", channel: "email", features: ["a"], reward: 1, at: NOON + 2 }],
  },
  hour_lesson: {
    given: [sent],
    changes: [{ type: "hour_lesson", deliveryId: "m-1", channel: "email", sentAt: NOON, until: NOON + HOUR, taken: true, zone: "UTC" }],
  },
  decided: {
    given: [deferred],
    changes: [
      delivering("c-1", aDelivery("m-3", { variant: "short", locale: "de", keeps: ["p-1"], makes: promise, respondBy: NOON + DAY })),
    ],
  },
  standing_cleared: {
    given: [deferred],
    changes: [{ type: "standing_cleared", decisionId: "d-s", code: "moment_expired", at: NOON }],
  },
  timer_set: {
    given: [{ type: "timer_set", key: "judge", timer: { name: "review", due: NOON + DAY } }],
    changes: [
      { type: "timer_set", key: "judge", timer: { name: "retry", due: NOON + DAY } },
      { type: "timer_set", key: "promise:p-1", timer: { name: "promise:p-1", due: NOON + 1 } },
    ],
  },
  timer_cleared: {
    given: [{ type: "timer_set", key: "judge", timer: { name: "review", due: NOON } }],
    changes: [{ type: "timer_cleared", key: "judge" }],
  },
};

/** The stored state equals the state in memory: otherwise a decision would depend on whether its customer was reloaded. */
export function changesContract(store: () => Store): void {
  test.each(Object.entries(EXAMPLES))("%s: reading back a write gives the state in memory", async (_type, { given = [], changes }) => {
    if (given.length > 0) await store().commit([aCommit(aNewCustomer("c-1"), given)]);
    const before = given.length > 0 ? await load(store(), "c-1") : aNewCustomer("c-1");
    // Signals are counted by their rows.
    const signal = changes.some(({ type }) => type === "signal_seen") ? { signal: aSignal("c-1", 1) } : {};
    await store().commit([aCommit(before, changes, signal)]);
    // As for a wake that is about them: what is over plays no part otherwise.
    const about = { ...ABOUT_ANYTHING, deliveries: ["m-1", "m-2"], codes: ["AAAA-BBBB-CCCC"] };
    expect(asCompared(await load(store(), "c-1", NOON + HOUR, about))).toEqual(asCompared(changes.reduce(evolve, before)));
  });

  test("a reopened case is open", async () => {
    const opens = { type: "case_opened", caseId: "k-1", at: NOON, data: {} } as const;
    for (const change of [opens, { type: "case_closed", caseId: "k-1", at: NOON } as const, opens]) await write(store(), "c-1", [change]);
    expect((await load(store(), "c-1")).openCases).toEqual(["k-1"]);
  });

  test("an older consent change that arrives later does not replace a newer one", async () => {
    const consent = { channel: "sms", status: "revoked", at: NOON, source: "web", seq: 5 } as const;
    await store().commit([aCommit(aNewCustomer("c-1"), [{ type: "consent_set", consent }])]);
    const before = await load(store(), "c-1");
    const older = { ...consent, status: "granted", at: NOON - 1, seq: 6 } as const;
    await store().commit([aCommit(before, [{ type: "consent_set", consent: older }])]);
    expect((await load(store(), "c-1")).consents.sms).toEqual(consent);
  });

  test("touches and counted signals before the policy's horizon are not loaded", async () => {
    const touch = (touchId: string, at: number) =>
      ({ type: "touch_added", touch: { touchId, at, kind: "call", channel: "call" } }) as const;
    const changes = [touch("old", NOON - 30 * DAY), touch("new", NOON - 30 * DAY + 1)];
    await store().commit([aCommit(aNewCustomer("c-1"), changes, { signal: aSignal("c-1", 1, { time: NOON - 7 * DAY }) })]);
    const known = await load(store(), "c-1", NOON);
    expect(known.touches.map(({ touchId }) => touchId)).toEqual(["new"]);
    expect([known.recent, known.counted]).toEqual([{}, {}]);
  });

  test("lists are loaded in their order, however their rows lie", async () => {
    const touch = (touchId: string, at: number) =>
      ({ type: "touch_added", touch: { touchId, at, kind: "call", channel: "call" } }) as const;
    const timer = (key: string, due: number) => ({ type: "timer_set", key, timer: { name: key, due } }) as const;
    const identity = (value: string, at: number) =>
      ({ type: "identity_added", identity: { type: "email", value, source: "web", at, seq: 1, place: 0, owned: true } }) as const;
    await store().commit([
      aCommit(aNewCustomer("c-1"), [
        ...[touch("b", NOON), touch("a", NOON), touch("z", NOON - 1)],
        ...[timer("z", NOON), timer("a", NOON + 1)],
        ...[revoked("sms", 1), revoked("email", 1)],
        ...[identity("b@example.com", NOON), identity("a@example.com", NOON), identity("z@example.com", NOON - 1)],
      ]),
    ]);
    const { touches, timers, consents, identities } = await load(store(), "c-1");
    expect(touches.map(({ touchId }) => touchId)).toEqual(["z", "a", "b"]);
    expect([Object.keys(timers), Object.keys(consents)]).toEqual([
      ["a", "z"],
      ["email", "sms"],
    ]);
    expect(identities.map(({ value }) => value)).toEqual(["z@example.com", "a@example.com", "b@example.com"]);
  });
}

/** Normalises a customer: without fields that only memory or only the store has, and with unordered lists sorted. */
function asCompared({ version: _version, recent, counted, ...customer }: Customer): unknown {
  const sorted = <T>(list: readonly T[]): T[] => [...list].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
  const open = new Set(customer.moments.map(({ momentId }) => momentId));
  const seen = Object.entries(recent).map(([type, times]) => [type, times.length]);
  const known = Object.entries(counted).map(([type, spans]) => [type, spans[7 * DAY]?.sure]);
  return {
    ...customer,
    // Counted on loading, and one by one since.
    counted: Object.fromEntries([...seen, ...known]),
    identities: sorted(customer.identities),
    moments: sorted(customer.moments),
    promises: sorted(customer.promises),
    openCases: sorted(customer.openCases),
    touches: sorted(customer.touches),
    // The facts stated by a delivery come from the store only.
    deliveries: sorted(customer.deliveries.map(({ stated: _stated, ...note }) => note)),
    outcomes: sorted(customer.outcomes),
    // An approval ends with its moment.
    approvals: sorted(customer.approvals.filter(({ momentId }) => open.has(momentId))),
  };
}
