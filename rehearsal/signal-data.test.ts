import { expect, test } from "vitest";
import type { JsonObject } from "../domain/values/json.ts";
import { at } from "../testing/builders.ts";
import { type Datum, redrawn, rulesOf } from "./signal-data.ts";

const SENT = at("2026-03-02T09:00:00Z");
const LATER = at("2026-03-12T14:30:00Z");

const datum = (data: JsonObject, by = 0, sent = SENT): Datum => ({ by, source: "shop", at: sent, data });

const drawn = (data: JsonObject, { isOwn = true, seen = [data], type = "ordered", latest = data }: Drawing = {}): JsonObject =>
  redrawn(datum(data), type, rulesOf(seen.map((one, by) => datum(one, by))), {
    ...{ customerId: "c-9", isOwn, at: LATER, key: "k" },
    latest: datum(latest),
  });

interface Drawing {
  readonly isOwn?: boolean;
  readonly seen?: readonly JsonObject[];
  readonly type?: string;
  readonly latest?: JsonObject;
}

test.each([
  ["what is past moves as much as its signal", "2026-03-02T08:00:00Z", "2026-03-12T13:30:00Z"],
  ["what is to come moves by days and stays at its hour", "2026-03-04T15:00:00Z", "2026-03-14T15:00:00Z"],
  ["also as its author wrote it", "2026-03-04T15:00:00+02:00", "2026-03-14T15:00:00+02:00"],
  ["also without a zone", "2026-03-04 15:00", "2026-03-14 15:00"],
  ["a date moves by days", "2026-03-02", "2026-03-12"],
  ["what is older than a week stays", "2026-02-20", "2026-02-20"],
  ["what is no date stays", "2026-13-40", "2026-13-40"],
])("%s: %s becomes %s", (_, before, after) => {
  expect(drawn({ when: before, in: [{ it: before }] })).toEqual({ when: after, in: [{ it: after }] });
});

test("a record is told what it was told last; only a date that says when the signal came moves with it", () => {
  const latest = { traits: { lease: { endsOn: "2026-09-08", seenOn: "2026-03-02", payoff: 17_900 } } };
  expect(drawn({ traits: { lease: { payoff: 18_500 } } }, { latest })).toEqual({
    traits: { lease: { endsOn: "2026-09-08", seenOn: "2026-03-12", payoff: 17_900 } },
  });
  expect(drawn({ note: "hello" }, { latest })).toEqual({ note: "hello" });
});

test("of another customer's traits only what several had is given to somebody, and never who she is", () => {
  const [ann, bob] = [
    {
      traits: { name: "Ann", email: "ann@example.com", car: { make: "Volvo", plate: "AB 1" } },
      identities: [{ type: "email", value: "a@b.c" }],
    },
    { traits: { name: "Bob", car: { make: "Volvo", plate: "CD 2" } } },
  ];
  expect(drawn(ann, { isOwn: false, seen: [ann, bob] })).toEqual({ traits: { car: { make: "Volvo" } } });
  expect(drawn(ann, { isOwn: false, seen: [ann] })).toEqual({});
  expect(drawn(ann)).toEqual({ traits: ann.traits });
});

test("ids become unique, whatever else is text stays; deliveries and providers are left out", () => {
  const seen = [1, 2, 3].map((n) => ({ order: `o-${n}`, shop: "shop-1", words: `line ${n}`, caseId: "k-1", thread: "t" }));
  const { order, caseId, thread, ...rest } = drawn({ ...seen[0], deliveryId: "d-1", providerId: "p-1" }, { seen });
  expect(rest).toEqual({ shop: "shop-1", words: "line 1" });
  for (const id of [order, caseId, thread]) expect(id).toMatch(/^f_/);
  expect(new Set([order, caseId, thread]).size).toBe(3);
});

test("an ask asks for the customer whose it is", () => {
  expect(drawn({ customer: "c-1", channel: "site" }, { type: "sentient.ask" })).toEqual({ customer: "c-9", channel: "site" });
});
