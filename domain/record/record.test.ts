import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../../testing/builders.ts";
import type { Claims, FieldRule, RecordRules } from "../entities/claims.ts";
import type { Json } from "../values/json.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../values/time.ts";
import { applyPatches, patchesOf } from "./patch.ts";
import { ageOf, fieldsRead, goldenRecord } from "./record.ts";

const NOW = at("2026-06-30T00:00:00Z");
const day = (number: number): Instant => at("2026-06-01T00:00:00Z") + (number - 1) * DAY;

/** Source, day of June, traits. */
type Word = readonly [source: string, at: number, traits: Record<string, unknown>];

const heard = (words: readonly Word[], from: Claims = {}): Claims =>
  words.reduce((claims, [source, time, traits], seq) => applyPatches(claims, patchesOf(traits), { source, at: day(time), seq }), from);

const rules = (fields: Record<string, Partial<FieldRule>> = {}, sources: readonly string[] = []): RecordRules => ({
  sources,
  fields: Object.fromEntries(
    Object.entries(fields).map(([path, rule]) => [path, { rule: "last_updated", onConflict: "resolve", ...rule }]),
  ),
});

const reading = (words: readonly Word[], given: RecordRules = rules(), now = NOW) => goldenRecord(heard(words), given, now).traits;

interface Case {
  readonly name: string;
  readonly words: readonly Word[];
  readonly rules?: RecordRules;
  readonly wanted: Json;
}

const LEASE = { lease: { endsOn: "8th" } };

describe("the value of a field", () => {
  const CASES: Case[] = [
    {
      name: "the newest statement wins",
      words: [
        ["dealer", 1, { a: 1 }],
        ["crm", 2, { a: 2 }],
      ],
      wanted: { a: 2 },
    },
    {
      name: "in whatever order it arrives",
      words: [
        ["crm", 2, { a: 2 }],
        ["dealer", 1, { a: 1 }],
      ],
      wanted: { a: 2 },
    },
    {
      name: "older news from the same source is no news",
      words: [
        ["crm", 2, { a: 2 }],
        ["crm", 1, { a: 1 }],
      ],
      wanted: { a: 2 },
    },
    {
      name: "of two statements of one time the later to arrive is newer",
      words: [
        ["crm", 2, { a: 1 }],
        ["dealer", 2, { a: 2 }],
      ],
      wanted: { a: 2 },
    },
    {
      name: "also from one source",
      words: [
        ["crm", 2, { a: 1 }],
        ["crm", 2, { a: 2 }],
      ],
      wanted: { a: 2 },
    },
    {
      name: "null removes a trait",
      words: [
        ["crm", 1, { a: 1, b: 1 }],
        ["crm", 2, { a: null }],
      ],
      wanted: { b: 1 },
    },
    {
      name: "null removes what another source said before",
      words: [
        ["crm", 1, { a: 1 }],
        ["dealer", 2, { a: null }],
      ],
      wanted: {},
    },
    {
      name: "what comes after a null stands",
      words: [
        ["crm", 2, { a: null }],
        ["dealer", 3, { a: 1 }],
      ],
      wanted: { a: 1 },
    },
    {
      name: "a null that is old removes nothing newer",
      words: [
        ["crm", 3, { a: 1 }],
        ["dealer", 2, { a: null }],
      ],
      wanted: { a: 1 },
    },
    {
      name: "fields of an object are reconciled one by one",
      words: [
        ["crm", 1, { o: { a: 1, b: 1 } }],
        ["dealer", 2, { o: { b: 2 } }],
      ],
      wanted: { o: { a: 1, b: 2 } },
    },
    {
      name: "null removes one field of an object",
      words: [
        ["crm", 1, { o: { a: 1, b: 1 } }],
        ["crm", 2, { o: { a: null } }],
      ],
      wanted: { o: { b: 1 } },
    },
    {
      name: "null removes a whole object",
      words: [
        ["crm", 1, { o: { a: 1 } }],
        ["crm", 2, { o: null }],
      ],
      wanted: {},
    },
    {
      name: "also fields that another source stated",
      words: [
        ["dealer", 1, { o: { a: 1 } }],
        ["crm", 2, { o: null }],
      ],
      wanted: {},
    },
    {
      name: "also when they arrive afterwards",
      words: [
        ["crm", 2, { o: null }],
        ["dealer", 1, { o: { a: 1 } }],
      ],
      wanted: {},
    },
    {
      name: "a field that is stated after the object was removed is there",
      words: [
        ["crm", 2, { o: null }],
        ["dealer", 3, { o: { a: 1 } }],
      ],
      wanted: { o: { a: 1 } },
    },
    {
      name: "a plain value replaces an object",
      words: [
        ["crm", 1, { o: { a: 1 } }],
        ["dealer", 2, { o: "none" }],
      ],
      wanted: { o: "none" },
    },
    {
      name: "also when the object arrives afterwards",
      words: [
        ["dealer", 2, { o: "none" }],
        ["crm", 1, { o: { a: 1 } }],
      ],
      wanted: { o: "none" },
    },
    {
      name: "a newer field makes an object of a plain value",
      words: [
        ["dealer", 1, { o: "none" }],
        ["crm", 2, { o: { a: 1 } }],
      ],
      wanted: { o: { a: 1 } },
    },
    {
      name: "and only newer fields of it",
      words: [
        ["crm", 1, { o: { b: 1 } }],
        ["dealer", 2, { o: "none" }],
        ["crm", 3, { o: { a: 1 } }],
      ],
      wanted: { o: { a: 1 } },
    },
    {
      name: "a late plain value does not replace newer fields of its source",
      words: [
        ["crm", 2, { o: { a: 1 } }],
        ["crm", 1, { o: "none" }],
      ],
      wanted: { o: { a: 1 } },
    },
    {
      name: "a late field does not replace a newer plain value of its source",
      words: [
        ["crm", 2, { o: "none" }],
        ["crm", 1, { o: { a: 1 } }],
      ],
      wanted: { o: "none" },
    },
    {
      name: "an empty object states nothing",
      words: [
        ["crm", 1, { o: { a: 1 } }],
        ["crm", 2, { o: {} }],
      ],
      wanted: { o: { a: 1 } },
    },
    { name: "not even that there is one", words: [["crm", 1, { o: {}, p: { q: {} } }]], wanted: {} },
    {
      name: "a list is one value",
      words: [
        ["crm", 1, { l: [1, 2] }],
        ["dealer", 2, { l: [3] }],
      ],
      wanted: { l: [3] },
    },
    {
      name: "nulls inside a list keep their places, null fields there go",
      words: [["crm", 1, { l: [null, { a: null, b: 1 }] }]],
      wanted: { l: [null, { b: 1 }] },
    },
    { name: "names with dots are names", words: [["crm", 1, { "o.a": 1, o: { a: 2 } }]], wanted: { "o.a": 1, o: { a: 2 } } },
    {
      name: "names of an object's own are names",
      words: [["crm", 1, { constructor: 1, toString: { x: 2 } }]],
      wanted: { constructor: 1, toString: { x: 2 } },
    },
    {
      name: "false, 0 and an empty text are values",
      words: [
        ["crm", 1, { a: true, b: 1, c: "x" }],
        ["crm", 2, { a: false, b: 0, c: "" }],
      ],
      wanted: { a: false, b: 0, c: "" },
    },
  ];
  test.each(CASES)("$name", ({ words, rules: given, wanted }) => {
    expect(reading(words, given)).toEqual(wanted);
  });
});

describe("by the order of sources", () => {
  const ordered = rules({ "lease.endsOn": { rule: "source_sequence", sources: ["leasing", "dealer"] } });
  const CASES: Case[] = [
    {
      name: "a better source wins over a newer one",
      words: [
        ["leasing", 1, LEASE],
        ["dealer", 2, { lease: { endsOn: "1st" } }],
      ],
      wanted: LEASE,
    },
    {
      name: "among sources that are not listed the newest wins",
      words: [
        ["web", 1, { lease: { endsOn: "1st" } }],
        ["crm", 2, LEASE],
      ],
      wanted: LEASE,
    },
    {
      name: "unlisted sources come last",
      words: [
        ["dealer", 1, LEASE],
        ["web", 2, { lease: { endsOn: "1st" } }],
      ],
      wanted: LEASE,
    },
    {
      name: "the newest of the best source",
      words: [
        ["leasing", 1, { lease: { endsOn: "1st" } }],
        ["leasing", 2, LEASE],
      ],
      wanted: LEASE,
    },
    {
      name: "other fields go by time",
      words: [
        ["leasing", 1, { lease: { fee: 1 } }],
        ["dealer", 2, { lease: { fee: 2 } }],
      ],
      wanted: { lease: { fee: 2 } },
    },
    {
      name: "the best source may say that there is none",
      words: [
        ["leasing", 1, { lease: { endsOn: null } }],
        ["dealer", 2, LEASE],
      ],
      wanted: {},
    },
    {
      name: "also of the object around it",
      words: [
        ["leasing", 1, { lease: null }],
        ["dealer", 2, LEASE],
      ],
      wanted: {},
    },
    {
      name: "also when it arrives first",
      words: [
        ["dealer", 2, LEASE],
        ["leasing", 1, { lease: null }],
      ],
      wanted: {},
    },
    {
      name: "a lower source's null removes nothing",
      words: [
        ["leasing", 1, LEASE],
        ["dealer", 2, { lease: { endsOn: null } }],
      ],
      wanted: LEASE,
    },
    {
      name: "the order of the record is used where a field lists none",
      words: [
        ["crm", 1, { a: 1 }],
        ["web", 2, { a: 2 }],
      ],
      rules: rules({ a: { rule: "source_sequence" } }, ["crm", "web"]),
      wanted: { a: 1 },
    },
    {
      name: "a rule holds for the fields below its own",
      words: [
        ["leasing", 1, LEASE],
        ["dealer", 2, { lease: { endsOn: "1st" } }],
      ],
      rules: rules({ lease: { rule: "source_sequence", sources: ["leasing"] } }),
      wanted: LEASE,
    },
    {
      name: "the nearest rule holds",
      words: [
        ["leasing", 1, LEASE],
        ["dealer", 2, { lease: { endsOn: "1st" } }],
      ],
      rules: rules({ lease: { rule: "source_sequence", sources: ["leasing"] }, "lease.endsOn": {} }),
      wanted: { lease: { endsOn: "1st" } },
    },
    {
      name: "a better source's object stands against a worse one's newer plain value",
      words: [
        ["leasing", 1, LEASE],
        ["dealer", 2, { lease: "over" }],
      ],
      rules: rules({ lease: { rule: "source_sequence", sources: ["leasing", "dealer"] } }),
      wanted: LEASE,
    },
    {
      name: "a better source's plain value stands against a worse one's newer object",
      words: [
        ["leasing", 1, { lease: "over" }],
        ["dealer", 2, LEASE],
      ],
      rules: rules({ lease: { rule: "source_sequence", sources: ["leasing", "dealer"] } }),
      wanted: { lease: "over" },
    },
  ];
  test.each(CASES)("$name", ({ words, rules: given = ordered, wanted }) => {
    expect(reading(words, given)).toEqual(wanted);
  });
});

describe("by age", () => {
  const aged = rules({ a: { rule: "source_sequence", sources: ["leasing", "dealer"], maxAge: 10 * DAY } });
  const CASES: (Case & { readonly now: number; readonly state: string })[] = [
    {
      name: "a value as old as is allowed competes",
      words: [
        ["leasing", 1, { a: 1 }],
        ["dealer", 9, { a: 2 }],
      ],
      now: 11,
      wanted: { a: 1 },
      state: "ok",
    },
    {
      name: "an older one does not",
      words: [
        ["leasing", 1, { a: 1 }],
        ["dealer", 9, { a: 2 }],
      ],
      now: 12,
      wanted: { a: 2 },
      state: "ok",
    },
    {
      name: "when all are too old the newest stays, and is stale",
      words: [
        ["leasing", 1, { a: 1 }],
        ["dealer", 2, { a: 2 }],
      ],
      now: 20,
      wanted: { a: 2 },
      state: "stale",
    },
    {
      name: "a null that is too old removes nothing",
      words: [
        ["leasing", 1, { a: null }],
        ["dealer", 9, { a: 2 }],
      ],
      now: 12,
      wanted: { a: 2 },
      state: "ok",
    },
    {
      name: "when the newest of the old is a null there is none",
      words: [
        ["leasing", 1, { a: 1 }],
        ["dealer", 2, { a: null }],
      ],
      now: 20,
      wanted: {},
      state: "none",
    },
  ];
  test.each(CASES)("$name", ({ words, now, wanted, state }) => {
    const golden = goldenRecord(heard(words), aged, day(now));
    expect(golden.traits).toEqual(wanted);
    expect(golden.fields.get("a")?.state ?? "none").toBe(state);
  });
});

describe("where sources must agree", () => {
  const held = rules({ a: { onConflict: "hold", maxAge: 10 * DAY }, o: { onConflict: "hold" } });
  const CASES: (Case & { readonly state: string; readonly path?: string; readonly now?: number })[] = [
    { name: "one source is enough", words: [["crm", 1, { a: 1 }]], wanted: { a: 1 }, state: "ok" },
    {
      name: "two that agree",
      words: [
        ["crm", 1, { a: 1 }],
        ["web", 2, { a: 1 }],
      ],
      wanted: { a: 1 },
      state: "ok",
    },
    {
      name: "two that do not",
      words: [
        ["crm", 1, { a: 1 }],
        ["web", 2, { a: 2 }],
      ],
      wanted: {},
      state: "conflict",
    },
    {
      name: "until they do",
      words: [
        ["crm", 1, { a: 1 }],
        ["web", 2, { a: 2 }],
        ["crm", 3, { a: 2 }],
      ],
      wanted: { a: 2 },
      state: "ok",
    },
    {
      name: "lists agree by their items",
      words: [
        ["crm", 1, { a: [1, { x: 1, y: 2 }] }],
        ["web", 2, { a: [1, { y: 2, x: 1 }] }],
      ],
      wanted: { a: [1, { y: 2, x: 1 }] },
      state: "ok",
    },
    {
      name: "a source that says there is none does not disagree",
      words: [
        ["crm", 1, { a: 1 }],
        ["web", 2, { a: null }],
      ],
      wanted: {},
      state: "none",
    },
    {
      name: "a source that is too old does not disagree",
      words: [
        ["crm", 1, { a: 1 }],
        ["web", 9, { a: 2 }],
      ],
      now: 12,
      wanted: { a: 2 },
      state: "ok",
    },
    {
      name: "an object against a plain value",
      words: [
        ["crm", 1, { o: { x: 1 } }],
        ["web", 2, { o: "none" }],
      ],
      wanted: {},
      state: "conflict",
      path: "o",
    },
  ];
  test.each(CASES)("$name", ({ words, wanted, state, path = "a", now = 5 }) => {
    const golden = goldenRecord(heard(words), held, day(now));
    expect(golden.traits).toEqual(wanted);
    expect(golden.fields.get(path)?.state ?? "none").toBe(state);
  });

  test("a conflict lists sources, values and times", () => {
    const field = goldenRecord(
      heard([
        ["crm", 1, { a: 1 }],
        ["web", 2, { a: "x" }],
      ]),
      held,
      day(5),
    ).fields.get("a");
    expect(field).toEqual({
      state: "conflict",
      detail: 'crm says 1 (2026-06-01T00:00:00Z), web says "x" (2026-06-02T00:00:00Z)',
      best: { source: "web", value: "x", at: day(2) },
      others: [{ source: "crm", value: 1, at: day(1) }],
    });
  });
});

test("a field names the source of its value", () => {
  const { fields } = goldenRecord(
    heard([
      ["crm", 1, LEASE],
      ["dealer", 2, { name: "Ann" }],
    ]),
    rules(),
    NOW,
  );
  expect(Object.fromEntries(fields)).toEqual({
    "lease.endsOn": { state: "ok", value: "8th", source: "crm", at: day(1) },
    name: { state: "ok", value: "Ann", source: "dealer", at: day(2) },
  });
});

test.each([
  ["a field", "lease.endsOn", ["lease.endsOn"]],
  ["all fields below an object", "lease", ["lease.endsOn", "lease.fee"]],
  ["the value that a read goes into", "items.0.price", ["items"]],
  ["nothing where nothing is", "lease.nope", []],
  ["nothing for a name that only begins alike", "leas", []],
])("a read sees %s", (_, path, wanted) => {
  const golden = goldenRecord(heard([["crm", 1, { lease: { endsOn: "8th", fee: 1 }, items: [{ price: 1 }] }]]), rules(), NOW);
  expect(fieldsRead(golden, path).map(([name]) => name)).toEqual(wanted);
});

test("reading the record changes no claim", () => {
  const claims = heard([
    ["crm", 1, { o: {} }],
    ["crm", 2, { o: { a: 1 } }],
    ["web", 3, { l: [{ x: 1 }] }],
  ]);
  const before = structuredClone(claims);
  goldenRecord(claims, rules(), NOW);
  expect(claims).toEqual(before);
});

test("__proto__ is never a field", () => {
  const traits = JSON.parse('{"__proto__": {"isAdmin": true}, "a": {"__proto__": {"x": 1}, "b": 1}}') as Record<string, unknown>;
  expect(reading([["web", 1, traits]])).toEqual({ a: { b: 1 } });
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

describe("in any order of arrival", () => {
  const leaves = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 2 }), fc.constant({}), fc.constant([1]));
  const traits = fc.oneof(
    fc.record({ o: leaves }),
    fc.record({ o: fc.record({ a: leaves, b: leaves }, { requiredKeys: [] }) }),
    fc.record({ o: fc.record({ a: fc.record({ c: leaves }) }) }),
    fc.record({ x: leaves }),
  );
  const sources = fc.constantFrom("leasing", "crm", "web");
  const fieldRules = fc.record(
    {
      rule: fc.constantFrom("last_updated" as const, "source_sequence" as const),
      onConflict: fc.constantFrom("resolve" as const, "hold" as const),
      maxAge: fc.constantFrom(5 * DAY, 20 * DAY),
    },
    { requiredKeys: ["rule", "onConflict"] },
  );
  const recordRules = fc.record({
    sources: fc.shuffledSubarray(["leasing", "crm", "web"]),
    fields: fc.record({ o: fieldRules, "o.a": fieldRules, x: fieldRules }, { requiredKeys: [] }),
  });
  /** Distinct times, so that the order of arrival must not matter. */
  const words = fc
    .array(fc.tuple(sources, traits), { minLength: 1, maxLength: 6 })
    .chain((said) =>
      fc.shuffledSubarray([...said.keys()], { minLength: said.length, maxLength: said.length }).map((order) => ({ said, order })),
    )
    .map(({ said, order }) => ({ inTime: said.map(([source, patch], index): Word => [source, index * 3 + 1, patch]), order }));

  test("the same statements give the same record", () => {
    fc.assert(
      fc.property(words, recordRules, ({ inTime, order }, given) => {
        const shuffled = order.flatMap((index) => inTime.slice(index, index + 1));
        const [one, other] = [heard(inTime), heard(shuffled)].map((claims) => goldenRecord(claims, given as RecordRules, day(18)));
        expect(other?.traits).toEqual(one?.traits);
        expect(Object.fromEntries(other?.fields ?? [])).toEqual(Object.fromEntries(one?.fields ?? []));
      }),
      { numRuns: 1_000 },
    );
  });

  test("the order in which a store returns the claims does not matter either", () => {
    fc.assert(
      fc.property(words, recordRules, ({ inTime }, given) => {
        const claims = heard(inTime);
        const turned = Object.fromEntries(
          Object.entries(claims)
            .reverse()
            .map(([path, bySource]) => [path, Object.fromEntries(Object.entries(bySource).reverse())]),
        );
        expect(goldenRecord(turned, given as RecordRules, day(18)).traits).toEqual(
          goldenRecord(claims, given as RecordRules, day(18)).traits,
        );
      }),
      { numRuns: 500 },
    );
  });

  test("older news never wins from the same source", () => {
    const said = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 99 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(said, (given) => {
        const newest = given.reduce((best, one) => (one[0] >= best[0] ? one : best));
        expect(reading(given.map(([time, value]): Word => ["crm", time, { a: value }]))).toEqual({ a: newest[1] });
      }),
    );
  });
});

test.each([
  [28 * DAY + 2 * HOUR + 30 * MINUTE, "28d"],
  [5 * HOUR + MINUTE, "5h"],
  [90_000, "1m"],
  [1_500, "1s"],
  [-DAY, "0s"],
])("an age of %d ms is printed in whole units: %s", (age, told) => {
  expect(ageOf(0, age)).toBe(told);
});

test("a record that was resolved before is resolved again once a value of it has become too old, and also before that", () => {
  const rules: RecordRules = { sources: [], fields: { vehicle: { rule: "last_updated", onConflict: "resolve", maxAge: 1_000 } } };
  const claims: Claims = {
    "vehicle.miles": { crm: { value: 7, at: 500, seq: 1 } },
    city: { crm: { value: "Graz", at: 500, seq: 1 } },
  };
  const stateAt = (now: number) => goldenRecord(claims, rules, now).fields.get("vehicle.miles")?.state;
  expect([600, 1_500, 1_501, 9_000, 1_500, 600].map(stateAt)).toEqual(["ok", "ok", "stale", "stale", "ok", "ok"]);
  expect(goldenRecord(claims, rules, 700)).toBe(goldenRecord(claims, rules, 1_400));
});
