import { expect, test } from "vitest";
import { wakeWords } from "./wakes.ts";

test.each([
  [{ kind: "signal", type: "message.received", source: "mailbox", signalId: "s" }, "message.received from mailbox"],
  [{ kind: "timer", name: "review", due: "2026-06-01T12:00:00Z" }, "timer review"],
  [undefined, "an unknown wake"],
  [null, "an unknown wake"],
  ["•••", "•••"],
])("%o is %s", (wake, words) => {
  expect(wakeWords(wake)).toBe(words);
});
