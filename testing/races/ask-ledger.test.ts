import { expect, test } from "vitest";
import type { PlaceAnswer } from "../../domain/entities/ask.ts";
import { type AskLedger, type AskRules, askViolationsOf, type DeferredMail, type Slot, type Told } from "./ask-ledger.ts";

const NOON = Date.UTC(2026, 5, 1, 12);
const RULES: AskRules = { cap: { channels: ["tool", "letter"], max: 1, window: 3_600_000 }, limits: [{ id: "e", total: 1 }] };

const slot = (n: number, more: Partial<Slot> = {}): Slot => ({
  ...{ deliveryId: `m-${n}`, customerId: `c-${n}`, experienceId: `e-${n}`, channel: "tool", status: "sent", reason: "delivery.sent" },
  ...{ decisionSeq: n, reservedAt: NOON + n, settledAt: NOON + n + 100, claimedAt: null, place: "main", holdUntil: NOON + n + 1_000 },
  ...{ counted: true, ...more },
});
const over = (n: number, more: Partial<Slot> = {}): Slot =>
  slot(n, { status: "cancelled", reason: "hold_over", settledAt: NOON + n + 1_000, counted: false, ...more });
const confirmed = (n: number, type = "delivery.sent") => ({ deliveryId: `m-${n}`, type });
const given = (n: number, more: Partial<PlaceAnswer> = {}): PlaceAnswer => ({
  ...{ decisionId: `d-${n}`, action: "deliver", experienceId: `e-${n}`, deliveryId: `m-${n}`, again: false, probability: 1, reasons: [] },
  ...more,
});
const told = (places: Readonly<Record<string, PlaceAnswer>>, late = false): Told => ({
  id: "a-1",
  answer: { customerId: "c-1", decidedAt: "2026-06-01T12:00:00Z", late, places },
});
const decided = (n: number, place = "main", askId = "a-1") => ({
  ...{
    decisionId: `d-${n}`,
    customerId: "c-1",
    askId,
    place,
    action: "deliver",
    experienceId: `e-${n}`,
    deliveryId: `m-${n}`,
    again: false,
  },
});
const kept = [{ id: "a-1", late: false }];
const mail = (sent: Partial<DeferredMail["sent"][number]> = {}, untils = [NOON]): DeferredMail => ({
  customerId: "c-1",
  untils,
  sent: [{ deliveryId: "m-9", status: "sent", decidedAt: NOON + 40, due: NOON, ...sent }],
});

test.each<[string, Partial<AskLedger>, readonly string[]]>([
  ["an ask that was answered as it was recorded", { told: [told({ main: given(1) })], kept, decided: [decided(1)] }, []],
  ["the same ask answered twice alike", { told: [told({ main: given(1) }), told({ main: given(1) })], kept, decided: [decided(1)] }, []],
  [
    "the same ask answered differently",
    { told: [told({ main: given(1) }), told({ main: given(1, { probability: 0.5 }) })], kept, decided: [decided(1)] },
    ["a-1 got 2 different answers"],
  ],
  [
    "an experience at two places of an answer",
    {
      told: [told({ main: given(1), top: given(2, { experienceId: "e-1" }) })],
      kept,
      decided: [decided(1), { ...decided(2, "top"), experienceId: "e-1" }],
    },
    ["a-1 gives an experience twice: e-1, e-1"],
  ],
  [
    "another delivery in the record",
    { told: [told({ main: given(1) })], kept, decided: [{ ...decided(1), deliveryId: "m-2" }] },
    ["a-1 was answered main d-1 deliver e-1 m-1 anew, and recorded as main d-1 deliver e-1 m-2 anew"],
  ],
  ["an answer that is lost", { told: [told({})] }, ["a-1 was answered in time, and is unknown in the record"]],
  ["a late ask", { told: [told({}, true)], kept: [{ id: "a-1", late: true }] }, []],
  ["a late ask that was decided", { told: [told({}, true)], kept }, ["a-1 was answered late, and is in time in the record"]],
  [
    "decisions of a late ask",
    { told: [told({}, true)], kept: [{ id: "a-1", late: true }], decided: [decided(1)] },
    ["a-1 was answered late, and decided", "a-1 is late in the record, and decided"],
  ],
  [
    "a delivery given anew by two asks",
    { decided: [decided(1), { ...decided(1), decisionId: "d-2", askId: "a-2" }] },
    ["m-1 was given anew 2 times"],
  ],
  ["a hold that was confirmed", { slots: [slot(1)], receipts: [confirmed(1)] }, []],
  ["a hold that ended by itself", { slots: [over(1)] }, []],
  ["a hold that was released", { slots: [over(1, { reason: "released" })], receipts: [confirmed(1, "delivery.released")] }, []],
  ["a hold that is there still", { slots: [slot(1, { status: "reserved" })] }, ["m-1 is reserved, not confirmed"]],
  ["a confirmed hold that was lost", { slots: [over(1)], receipts: [confirmed(1)] }, ["m-1 is cancelled, confirmed"]],
  ["a hold that ended before its time", { slots: [over(1, { settledAt: NOON })] }, ["m-1 ended as hold_over, for which there is no cause"]],
  [
    "an end by a revocation that there was not",
    { slots: [over(1, { reason: "consent_revoked" })] },
    ["m-1 ended as consent_revoked, for which there is no cause"],
  ],
  ["a hold that ended and kept its slot", { slots: [over(1, { counted: true })] }, ["m-1 is cancelled, and its touch counts"]],
  ["a hold that we handed over", { slots: [over(1)], handedOver: ["m-1"] }, ["m-1 was handed over by us"]],
  ["what was given without a hold and is not sent", { slots: [over(1, { holdUntil: null })] }, ["m-1 is cancelled, and was given"]],
  [
    "given after a revocation",
    { slots: [over(1)], revocations: [{ customerId: "c-1", at: NOON }] },
    ["m-1 was given after a revocation, or during a pause"],
  ],
  [
    "given during a pause",
    { slots: [over(1)], pauses: [{ from: NOON, to: NOON + 9 }] },
    ["m-1 was given after a revocation, or during a pause"],
  ],
  [
    "two holds at once under a cap of one",
    { slots: [over(1), over(2, { customerId: "c-1" })] },
    ["m-2 of c-1 is number 2 under a cap of 1"],
  ],
  [
    "a second one after the first was free",
    { slots: [over(1), over(2, { customerId: "c-1", reservedAt: NOON + 1_001, settledAt: NOON + 9_000 })] },
    [],
  ],
  [
    "one that was confirmed late, then another",
    {
      slots: [slot(1), over(2, { customerId: "c-1", reservedAt: NOON + 5_000, settledAt: NOON + 9_000 })],
      receipts: [confirmed(1)],
      confirmedLate: [{ deliveryId: "m-1", at: NOON + 3_000, appliedAt: NOON + 3_000 }],
    },
    ["m-2 of c-1 is number 2 under a cap of 1"],
  ],
  [
    "one that was confirmed late while another is held",
    {
      slots: [slot(1), over(2, { customerId: "c-1", reservedAt: NOON + 2_000, settledAt: NOON + 9_000 })],
      receipts: [confirmed(1)],
      confirmedLate: [{ deliveryId: "m-1", at: NOON + 3_000, appliedAt: NOON + 3_000 }],
    },
    [],
  ],
  [
    "a limit in total",
    { slots: [slot(1, { experienceId: "e" }), slot(2, { experienceId: "e" })], receipts: [confirmed(1), confirmed(2)] },
    ["e went out 2 times, its limit is 1"],
  ],
  ["a deferred mail that went", { mails: [mail()], handedOver: ["m-9"] }, []],
  ["a deferred mail that never went", { mails: [{ ...mail(), sent: [] }] }, ["the deferred mail of c-1 never went"]],
  ["a deferred mail that nobody got", { mails: [mail()] }, ["the mail of c-1 is sent, handed over 0 times"]],
  [
    "a deferred mail that went early",
    { mails: [mail({ decidedAt: NOON - 5, due: null })], handedOver: ["m-9"] },
    ["the mail of c-1 was decided -5 ms after its time, by a timer 0 ms later"],
  ],
  [
    "a deferred mail whose timer was moved",
    { mails: [mail({ due: NOON + 7 })], handedOver: ["m-9"] },
    ["the mail of c-1 was decided 40 ms after its time, by a timer 7 ms later"],
  ],
  [
    "a mail that was deferred anew",
    { mails: [mail({}, [NOON, NOON + 1])], handedOver: ["m-9"] },
    ["the mail of c-1 was deferred to 2 different times"],
  ],
])("the reference check for asks: %s", (_name, ledger, violations) => {
  const empty: AskLedger = {
    ...{ told: [], kept: [], decided: [], slots: [], receipts: [], confirmedLate: [] },
    ...{ revocations: [], pauses: [], handedOver: [], mails: [] },
  };
  expect(askViolationsOf({ ...empty, ...ledger }, RULES)).toEqual(violations);
});
