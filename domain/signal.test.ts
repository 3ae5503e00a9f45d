import { describe, expect, test } from "vitest";
import { checkSignal, identitiesOf, readSignal } from "./signal.ts";

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

describe("a signal is taken", () => {
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

describe("a signal is refused, with the path and what was expected", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["another version", { specversion: "0.3" }, "specversion: expected specversion"],
    ["no id", { id: undefined }, "id: expected id, a string"],
    ["an empty id", { id: "" }, "id: expected id, not an empty string"],
    ["a number for an id", { id: 7 }, "id: expected id, a string"],
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
    ["nobody's, with an empty list of identities", { subject: undefined, data: { identities: [] } }, "names no customer"],
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

  test("every problem at once", () => {
    expect(readSignal('{"specversion":"1.0","id":1}')).toEqual({ ok: false, problem: expect.stringMatching(/id: .*source: .*type: /) });
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
