import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aConsent,
  aCustomer,
  aDelivery,
  aMoment,
  anOutcome,
  aPromise,
  aSignal,
  aTouch,
  type GivenCustomer,
  NOW,
} from "../../testing/builders.ts";
import { policyOf } from "../../testing/policy.ts";
import { changesOf } from "../../testing/story.ts";
import { type Change, evolve } from "../entities/change.ts";
import type { Consent, ConsentStatus } from "../entities/consent.ts";
import type { Customer, Timer } from "../entities/customer.ts";
import type { Link } from "../entities/merge.ts";
import type { JsonObject } from "../values/json.ts";
import { DAY, HOUR } from "../values/time.ts";
import { changesFromSignal } from "./intake.ts";
import { compose, MERGED, merge, ownRecord, unmerge } from "./merge.ts";
import { goldenRecord } from "./record.ts";

const CHANNELS = policyOf("channels: {sms: {kind: file}}", []).channels;
const RULES = { sources: [], fields: {} };
const someone = (customerId: string, given: GivenCustomer = {}): Customer => aCustomer({ customerId, ...given });
const said = (source: string, hours: number, traits: JsonObject) => ({ source, at: NOW + hours * HOUR, traits });
const traitsOf = (customer: Customer) => goldenRecord(customer.claims, RULES, NOW + DAY).traits;
const signal = aSignal(MERGED, { into: "b" }, { customerId: "a" });
const afterwards = (customer: Customer, changes: readonly Change[]) => changes.reduce(evolve, customer);

describe("the composition of two customers", () => {
  const seen = (at: number, count: number, gap?: number) => ({ at: NOW + at, seq: at, count, ...(gap === undefined ? {} : { gap }) });
  const email = (at: number, owned: boolean) => ({
    type: "email",
    value: "x@example.org",
    source: "web",
    at: NOW + at,
    seq: 0,
    place: 1,
    owned,
  });
  const offer = (code: string) => ({ code, issuedAt: NOW, expiresAt: NOW + DAY, stackable: false, includes: [] });
  const CASES: { name: string; a: Partial<Customer>; b: Partial<Customer>; wanted: Partial<Customer> }[] = [
    {
      name: "touches add up, oldest first",
      a: { touches: [aTouch({ touchId: "t-a", at: NOW + 2 })] },
      b: { touches: [aTouch({ touchId: "t-b", at: NOW + 1 }), aTouch({ touchId: "t-c", at: NOW + 3 })] },
      wanted: {
        touches: [
          expect.objectContaining({ touchId: "t-b" }),
          expect.objectContaining({ touchId: "t-a" }),
          expect.objectContaining({ touchId: "t-c" }),
        ],
      },
    },
    {
      name: "promises, moments, deliveries, outcomes, offers and approvals add up",
      a: {
        promises: [aPromise({ promiseId: "p-a" })],
        moments: [aMoment({ momentId: "mo-a" })],
        deliveries: [aDelivery({ deliveryId: "d-a" })],
        outcomes: [anOutcome({ deliveryId: "d-a" })],
        offers: [offer("A")],
        approvals: [{ approvalId: "ap-a", experienceId: "e", momentId: "mo-a", state: "pending", reason: "high value", askedAt: NOW }],
      },
      b: {
        promises: [aPromise({ promiseId: "p-b" })],
        moments: [aMoment({ momentId: "mo-b" })],
        deliveries: [aDelivery({ deliveryId: "d-b" })],
        outcomes: [anOutcome({ deliveryId: "d-b" })],
        offers: [offer("B")],
      },
      wanted: {
        promises: [expect.objectContaining({ promiseId: "p-a" }), expect.objectContaining({ promiseId: "p-b" })],
        moments: [expect.objectContaining({ momentId: "mo-a" }), expect.objectContaining({ momentId: "mo-b" })],
        deliveries: [expect.objectContaining({ deliveryId: "d-a" }), expect.objectContaining({ deliveryId: "d-b" })],
        outcomes: [expect.objectContaining({ deliveryId: "d-a" }), expect.objectContaining({ deliveryId: "d-b" })],
        offers: [expect.objectContaining({ code: "A" }), expect.objectContaining({ code: "B" })],
        approvals: [expect.objectContaining({ approvalId: "ap-a" })],
      },
    },
    { name: "a case that both have is one case", a: { openCases: ["k", "l"] }, b: { openCases: ["k"] }, wanted: { openCases: ["k", "l"] } },
    {
      name: "signals seen are counted together, with the cadence of the customer seen last",
      a: { seen: { go: seen(5, 2, 10), only: seen(1, 1) } },
      b: { seen: { go: seen(3, 4, 20) } },
      wanted: { seen: { go: seen(5, 6, 10), only: seen(1, 1) } },
    },
    {
      name: "a moment was opened last when either opened it last",
      a: { openings: { m: 5, n: 1 } },
      b: { openings: { m: 3 } },
      wanted: { openings: { m: 5, n: 1 } },
    },
    {
      name: "counted signals are those of both, in order",
      a: { recent: { go: [1, 4] } },
      b: { recent: { go: [2] } },
      wanted: { recent: { go: [1, 2, 4] } },
    },
    {
      name: "the survivor's timers, consents and standing decision hold",
      a: {
        timers: { judge: { name: "review", due: NOW } },
        standing: { decisionId: "d-a", action: "defer", momentIds: [], signature: "a" },
      },
      b: { timers: { x: { name: "x", due: NOW } } },
      wanted: { timers: { x: { name: "x", due: NOW } }, consents: {} },
    },
  ];
  test.each(CASES)("$name", ({ a, b, wanted }) => {
    const one = compose({ ...someone("b"), ...b }, [{ ...someone("a"), ...a }]);
    expect(one).toMatchObject({ customerId: "b", absorbed: { ids: ["a"] }, ...wanted });
    expect(one.standing).toBeUndefined();
  });

  test("an identity belongs to the survivor if it found either", () => {
    const one = compose({ ...someone("b"), identities: [email(2, false)] }, [{ ...someone("a"), identities: [email(1, true)] }]);
    expect(one.identities).toEqual([email(2, true)]);
  });

  test("without a merge the customer is unchanged", () => {
    const b = someone("b");
    expect(compose(b, [])).toBe(b);
  });

  const WORDS: { name: string; a: ReturnType<typeof said>[]; b: ReturnType<typeof said>[]; wanted: JsonObject }[] = [
    { name: "the newest statement of either counts", a: [said("crm", 2, { x: "a" })], b: [said("crm", 1, { x: "b" })], wanted: { x: "a" } },
    { name: "a statement of only one is kept", a: [said("crm", 1, { x: 1 })], b: [said("crm", 1, { y: 2 })], wanted: { x: 1, y: 2 } },
    {
      name: "of two statements at the same time the survivor's",
      a: [said("crm", 1, { x: "a" })],
      b: [said("crm", 1, { x: "b" })],
      wanted: { x: "b" },
    },
    { name: "a later removal counts", a: [said("crm", 1, { x: 1 })], b: [said("crm", 2, { x: null })], wanted: {} },
    {
      name: "a newer plain value takes the place of an older object",
      a: [said("crm", 1, { home: { city: "Bonn" } })],
      b: [said("crm", 2, { home: "unknown" })],
      wanted: { home: "unknown" },
    },
    {
      name: "a newer object takes the place of an older plain value",
      a: [said("crm", 2, { home: { city: "Bonn" } })],
      b: [said("crm", 1, { home: "unknown" })],
      wanted: { home: { city: "Bonn" } },
    },
  ];
  test.each(WORDS)("of claims: $name", ({ a, b, wanted }) => {
    expect(traitsOf(compose(someone("b", { said: b }), [someone("a", { said: a })]))).toEqual(wanted);
  });

  const words = fc.array(
    fc.record({
      source: fc.constantFrom("crm", "web"),
      hours: fc.integer({ min: 0, max: 3 }),
      traits: fc.constantFrom<JsonObject>({ x: 1 }, { x: 2 }, { x: null }, { x: { y: 1 } }, { x: { y: 2, z: 3 } }, { w: "ü" }),
    }),
    { maxLength: 5 },
  );
  test("the order of merges does not matter, nor chains of them", () => {
    fc.assert(
      fc.property(words, words, words, (x, y, z) => {
        // Distinct times for each customer: between statements of the same time the survivor's wins.
        const given = (customerId: string, list: typeof x, place: number) =>
          someone(customerId, { said: list.map(({ source, hours, traits }) => said(source, 3 * hours + place, traits)) });
        const [a, b, c] = [given("a", x, 0), given("b", y, 1), given("c", z, 2)];
        expect(compose(c, [a, b])).toEqual(compose(c, [b, a]));
        expect(traitsOf(compose(c, [compose(b, [a])]))).toEqual(traitsOf(compose(c, [b, a])));
      }),
    );
  });
});

describe("a statement after a merge", () => {
  const a = someone("a", { said: [said("crm", 1, { x: "a", home: { city: "Bonn" } })], seen: { go: { at: NOW, seq: 1, count: 2 } } });
  const b = someone("b", { said: [said("crm", 1, { y: "b" })], seen: { go: { at: NOW, seq: 1, count: 3 } } });
  const one = compose(b, [a]);
  const hears = (data: JsonObject) => {
    const heard = aSignal("go", data, { source: "crm", customerId: "b", time: NOW + 5 * HOUR, seq: 9 });
    return afterwards(
      one,
      changesFromSignal(heard, one, () => false, CHANNELS),
    );
  };

  test("goes into the customer's own source record, without the other one's claims", () => {
    const own = ownRecord(one, hears({ traits: { x: "new" } }));
    expect(Object.keys(own.claims).sort()).toEqual(["x", "y"]);
    expect(own.seen.go).toMatchObject({ count: 4, seq: 9 });
    expect(traitsOf(compose({ ...b, ...own }, [a]))).toEqual(traitsOf(hears({ traits: { x: "new" } })));
  });

  test("removes the other one's claims below it, and the other one's record still has them", () => {
    const own = ownRecord(one, hears({ traits: { home: "unknown" } }));
    expect(Object.keys(own.claims).sort()).toEqual(["home", "y"]);
    expect(traitsOf(compose({ ...b, ...own }, [a]))).toEqual({ x: "a", y: "b", home: "unknown" });
  });

  test("a customer without merges keeps all of it", () => {
    expect(ownRecord(b, b)).toBe(b);
  });
});

describe("a merge", () => {
  const consent = (status: ConsentStatus, hours: number): Consent =>
    aConsent({ channel: "sms", status, at: NOW + hours * HOUR, seq: 10 + hours });
  const CONSENTS: [name: string, a: Consent | undefined, b: Consent | undefined, wanted: string | undefined][] = [
    ["a denial of the one stands against the other's later grant", consent("revoked", 1), consent("granted", 2), "revoked"],
    ["the survivor's denial stands against the other's later grant", consent("granted", 2), consent("denied", 1), "denied"],
    ["of two denials the newer stands", consent("denied", 1), consent("revoked", 2), "revoked"],
    ["two grants are a grant", consent("granted", 1), consent("granted", 2), "granted"],
    ["a statement of only one stands", consent("granted", 1), undefined, "granted"],
    ["without a statement there is none", undefined, undefined, undefined],
  ];
  test.each(CONSENTS)("%s", (_name, a, b, wanted) => {
    const [from, into] = [a, b].map((one, n) => ({ ...someone(n === 0 ? "a" : "b"), consents: one ? { sms: one } : {} })) as [
      Customer,
      Customer,
    ];
    const after = afterwards(into, merge(signal, from, into, NOW).into);
    expect(after.consents.sms?.status).toBe(wanted);
    const late = changesFromSignal(
      aSignal("customer.consent", { channel: "sms", status: "granted" }, { time: NOW + 90 * 60_000, seq: 99 }),
      after,
      () => false,
      CHANNELS,
    );
    if (wanted === "revoked" || wanted === "denied") expect(changesOf(late, "consent_set")).toEqual([]);
    const newer = changesFromSignal(
      aSignal("customer.consent", { channel: "sms", status: "granted" }, { time: NOW + 3 * HOUR, seq: 99 }),
      after,
      () => false,
      CHANNELS,
    );
    expect(afterwards(after, newer).consents.sms?.status).toBe("granted");
  });

  const timers = (given: Readonly<Record<string, number>>): Record<string, Timer> =>
    Object.fromEntries(Object.entries(given).map(([key, hours]) => [key, { name: key, due: NOW + hours * HOUR }]));
  const hoursOf = ({ timers: given }: Customer) =>
    Object.fromEntries(Object.entries(given).map(([key, { due }]) => [key, (due - NOW) / HOUR]));
  const from = {
    ...someone("a", { moments: [aMoment()], standing: { decisionId: "d-a", action: "defer", momentIds: ["mo-m"], signature: "a" } }),
    timers: timers({ judge: 1, "clock.daily": 2, "promise:p": 3, "response:d": 4, "absent:x": 9, "absent:y": 1 }),
  };
  const into = { ...someone("b"), timers: timers({ judge: 7, "clock.daily": 8, "absent:x": 5, "absent:y": 5 }) };

  test("moves timers to where the other one has none, or an earlier one for an absence; the survivor is judged at once", () => {
    const both = merge(signal, from, into, NOW);
    expect(hoursOf(afterwards(into, both.into))).toEqual({
      ...{ judge: 0, "clock.daily": 8 },
      ...{ "promise:p": 3, "response:d": 4, "absent:x": 9, "absent:y": 5 },
    });
    expect(afterwards(from, both.from)).toMatchObject({ timers: {}, moments: [] });
    expect(changesOf(both.from, "standing_cleared")).toMatchObject([{ decisionId: "d-a", code: "moment_expired" }]);
  });

  test("creates an unknown customer", () => {
    const unknown = { ...someone("b"), version: 0 };
    expect(changesOf(merge(signal, from, unknown, NOW).into, "customer_created")).toHaveLength(1);
    expect(changesOf(merge(signal, from, into, NOW).into, "customer_created")).toHaveLength(0);
  });

  const linkOf = (a: Customer, b: Customer): { link: Link; after: Customer } => {
    const both = merge(signal, a, b, NOW);
    const [merged] = changesOf(both.from, "merged");
    if (!merged) throw new Error("nothing was merged");
    return { link: merged.link, after: afterwards(b, both.into) };
  };

  test("that is undone restores both customers' timers and consents, unless newer ones have been set since", () => {
    const a = { ...from, consents: { sms: consent("revoked", 1), email: { ...consent("denied", 1), channel: "email" } } };
    const b = { ...into, consents: { sms: consent("granted", 2) } };
    const { link, after } = linkOf(a, b);
    const kept = afterwards(after, [{ type: "timer_cleared", key: "promise:p" }]);
    const undone = unmerge(link, a, kept, NOW + HOUR);
    expect(hoursOf(afterwards({ ...a, timers: {} }, undone.from))).toEqual({ judge: 1, "response:d": 4, "absent:x": 9, "absent:y": 1 });
    const rest = afterwards(kept, undone.into);
    expect(hoursOf(rest)).toEqual({ judge: 1, "clock.daily": 8, "absent:x": 5, "absent:y": 5 });
    expect(rest.consents).toEqual(b.consents);
    const newer = afterwards(kept, [{ type: "consent_set", consent: consent("granted", 4) }]);
    expect(afterwards(newer, unmerge(link, a, newer, NOW + 5 * HOUR).into).consents).toEqual({ sms: consent("granted", 4) });
  });
});
