import { expect, test } from "vitest";
import { signalOf } from "./reader.ts";

test.each([
  ["subject", 500],
  ["text", 8_000],
])("F3: a %s with an emoji at place %d is cut between characters", (name, most) => {
  const given = `${"x".repeat(most - 1)}😀 and more`;
  const { data } = signalOf({ channel: "email", id: "m-1", type: "message.received", who: [], data: { [name]: given } });
  expect(data?.[name]).toBe("x".repeat(most - 1));
});
