import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../values/json.ts";
import { checkSignal, describeIssue, identitiesOf, readSignal, SignalEvent } from "./signal.ts";

const EVENT = {
  specversion: "1.0",
  id: "s-1",
  source: "web",
  type: "page.viewed",
  subject: "c-1",
  time: "2026-06-01T15:00:00Z",
  data: { page: "/" },
};
const read = (changes: Record<string, unknown>) => readSignal(JSON.stringify({ ...EVENT, ...changes }));

describe("a signal is accepted", () => {
  test.each<[string, Record<string, unknown>]>([
    ["as CloudEvents writes it", {}],
    ["with extensions", { traceparent: "00-1", partitionkey: 7 }],
    ["without a time", { time: undefined }],
    ["without data", { data: undefined }],
    ["with an offset for its time", { time: "2026-06-01T10:00:00-05:00" }],
    ["at the first moment of 1970", { time: "1970-01-01T00:00:00Z" }],
    ["at the last of 2100", { time: "2100-12-31T23:59:59.999Z" }],
    ["with an identity instead of a subject", { subject: undefined, data: { identities: [{ type: "email", value: "a@x.org" }] } }],
    ["of any type", { type: "constructor" }],
  ])("%s", (_, changes) => {
    expect(read(changes)).toMatchObject({ ok: true });
  });
});

describe("a signal is rejected, with the path and what was expected", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["another version", { specversion: "0.3" }, "specversion: expected specversion"],
    ["no id", { id: undefined }, "id: expected id, text or a whole number"],
    ["an empty id", { id: "" }, "id: expected id, not an empty string"],
    ["a fraction for an id", { id: 7.5 }, "id: expected id, text or a whole number"],
    ["an id that is too long", { id: "x".repeat(513) }, "at most 512 characters"],
    ["no source", { source: undefined }, "source: "],
    ["no type", { type: undefined }, "type: "],
    ["a time without a zone", { time: "2026-06-01T15:00:00" }, "time: expected an ISO 8601 time with a zone"],
    ["a date for a time", { time: "2026-06-01" }, "time: expected an ISO 8601 time with a zone"],
    ["a number for a time", { time: 1780326000 }, "time: "],
    ["a time before 1970", { time: "1969-12-31T23:59:59Z" }, "is before 1970 or after 2100"],
    ["a time after 2100", { time: "2101-01-01T00:00:00Z" }, "is before 1970 or after 2100"],
    ["the year 0", { time: "0000-01-01T00:00:00Z" }, "is before 1970 or after 2100"],
    ["an offset that moves it before 1970", { time: "1970-01-01T00:00:00+14:00" }, "is before 1970 or after 2100"],
    ["data that is a list", { data: [1] }, "data: expected data to be an object"],
    ["data that is a text", { data: "x" }, "data: expected data to be an object"],
    ["nobody's", { subject: undefined }, "names no customer"],
    ["no customer, with an empty list of identities", { subject: undefined, data: { identities: [] } }, "names no customer"],
    ["an identity without a value", { data: { identities: [{ type: "email" }] } }, "data.identities: expected a list of {type, value}"],
    [
      "identities that are no list",
      { data: { identities: { type: "email", value: "x" } } },
      "data.identities: expected a list of {type, value}",
    ],
    ["an empty subject", { subject: "" }, "subject: expected subject, not an empty string"],
  ])("%s", (_, changes, problem) => {
    expect(read(changes)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });

  test.each(["phone", "Visit", "", 3, ["call"]])("W21: a contact of the kind %j is rejected, with the expected words", (kind) => {
    const given = read({ type: "human.touch", subject: "c-1", data: { kind } });
    expect(given).toEqual({ ok: false, problem: expect.stringMatching(/^data\.kind: .*expected visit, call or chat$/) });
  });

  test.each(["visit", "call", "chat", undefined, null])("W21: a contact of the kind %j is accepted", (kind) => {
    expect(read({ type: "human.touch", subject: "c-1", data: { kind } }).ok).toBe(true);
  });

  test("by its schema alone, which most events are accepted without", () => {
    const texts = fc.constantFrom(undefined, "", "x", "x".repeat(512), "x".repeat(513), true, ["x"], {});
    const events = fc.record(
      {
        ...{ specversion: fc.constantFrom("1.0", "1.0", "0.3", 1), id: texts, source: texts, type: texts, subject: texts },
        time: fc.constantFrom(undefined, EVENT.time, "2026-06-01", 1780326000, ""),
        data: fc.constantFrom(undefined, {}, { a: [1] }, [], "x", 1),
        more: fc.constantFrom(undefined, 1, { a: 1 }),
      },
      { requiredKeys: [] },
    );
    const ordinary = fc.record({ at: fc.constantFrom("id", "source", "type", "subject", "time", "data", "specversion"), event: events });
    fc.assert(
      fc.property(ordinary, fc.boolean(), ({ at, event }, isNearlyRight) => {
        const given: Json = JSON.parse(JSON.stringify(isNearlyRight ? { ...EVENT, [at]: event[at as keyof typeof event] } : event));
        const parsed = SignalEvent.safeParse(given);
        const read = checkSignal(given);
        if (!parsed.success) expect(read).toEqual({ ok: false, problem: parsed.error.issues.map(describeIssue).join("; ") });
        else
          expect(read).toEqual(
            parsed.data.subject === undefined ? { ok: false, problem: expect.any(String) } : { ok: true, event: parsed.data },
          );
      }),
      { numRuns: 500 },
    );
  });

  test("every problem at once", () => {
    expect(readSignal('{"specversion":"1.0","id":true}')).toEqual({ ok: false, problem: expect.stringMatching(/id: .*source: .*type: /) });
  });

  test.each(["", "[]", "null", "7", '"x"', "{"])("%j", (text) => {
    expect(readSignal(text).ok).toBe(false);
  });
});

test("identities come in their order", () => {
  const checked = checkSignal({
    ...EVENT,
    data: {
      identities: [
        { type: "email", value: "a" },
        { type: "phone", value: "1" },
      ],
    },
  });
  expect(checked.ok && identitiesOf(checked.event).map(({ type }) => type)).toEqual(["email", "phone"]);
});

describe("F4: ids in signals", () => {
  const read = (members: string) => {
    const signal = readSignal(`{"specversion":"1.0","source":"web","type":"case.closed",${members}}`);
    return signal.ok ? signal.event : signal.problem;
  };

  test("F4: whole numbers of any size are their digits where ids are expected", () => {
    expect(read('"id":1524831183200260097,"subject":1524831183200260098,"data":{"caseId":1524831183200260099}')).toMatchObject({
      id: "1524831183200260097",
      subject: "1524831183200260098",
      data: { caseId: "1524831183200260099" },
    });
    expect(read('"id":1,"data":{"thread":9007199254740993,"identities":[{"type":"crm","value":18446744073709551615}]}')).toMatchObject({
      id: "1",
      data: { thread: "9007199254740993", identities: [{ type: "crm", value: "18446744073709551615" }] },
    });
  });

  test("F4: a number of any size and its digits are one signal", () => {
    expect(read('"id":7,"subject":42,"data":{"caseId":17}')).toEqual(read('"id":"7","subject":"42","data":{"caseId":"17"}'));
  });

  test("F4: elsewhere a long number is refused with its path, and a short one stays", () => {
    expect(read('"id":"1","subject":"c","data":{"order":{"id":1524831183200260097}}')).toMatch(/^data\.order\.id is 1524831183200260097/);
    expect(read('"id":"1","subject":"c","data":{"order":{"id":15}}')).toMatchObject({ data: { order: { id: 15 } } });
  });

  test("F4: an event that was built, not parsed, has its ids as text too", () => {
    const checked = checkSignal({ ...EVENT, id: 7, data: { caseId: 17, identities: [{ type: "crm", value: 5 }] } });
    expect(checked).toMatchObject({ ok: true, event: { id: "7", data: { caseId: "17", identities: [{ value: "5" }] } } });
  });
});

describe("F13: attributes of CloudEvents", () => {
  test.each(["time", "subject", "data", "dataschema", "datacontenttype", "data_base64", "traceparent", "myextension"])(
    "F13: %s that is null counts as unset",
    (name) => {
      const { [name]: _, ...without } = { ...EVENT, data: { identities: [{ type: "email", value: "a@b.example" }] } } as Record<
        string,
        Json
      >;
      expect(checkSignal({ ...without, [name]: null } as Json)).toEqual(checkSignal(without as Json));
      expect(checkSignal(without as Json).ok).toBe(true);
    },
  );

  test("F13: a required attribute that is null is missing", () => {
    expect(checkSignal({ ...EVENT, id: null })).toMatchObject({ ok: false, problem: expect.stringContaining("id: expected id") });
  });

  test("F13: data in an unread form is rejected", () => {
    expect(checkSignal({ ...EVENT, data_base64: "e30=" })).toMatchObject({ problem: expect.stringContaining("data_base64: binary data") });
    expect(checkSignal({ ...EVENT, datacontenttype: "application/xml", data: {} })).toMatchObject({
      problem: expect.stringContaining("datacontenttype: application/xml is not read"),
    });
  });

  test.each(["application/json", "text/json", "application/vnd.shop.order+json; charset=utf-8", "Application/JSON"])(
    "F13: data in %s is read",
    (datacontenttype) => {
      expect(checkSignal({ ...EVENT, datacontenttype, data: { a: 1 } }).ok).toBe(true);
    },
  );
});
