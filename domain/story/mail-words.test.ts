import { expect, test } from "vitest";
import { wordsOfBody } from "./mail-words.ts";

test.each([
  ["a plain text as it is", "Hello\n\n  Dana", "Hello\n\n  Dana"],
  ["a line for each block", "<p>Dear Dana,</p><p>it is <b>due</b>.<br>Bye</p>", "Dear Dana,\nit is due.\nBye"],
  ["entities as their characters", "<p>A &amp; B &lt;c&gt;</p>", "A & B <c>"],
  ["nothing that is not seen", "<head><title>x</title><style>p{}</style></head><p>Hi</p><script>alert(1)</script>", "Hi"],
  ["a body that never closes its script", "<p>Hi</p><script>alert(1)", "Hi"],
])("the words of a body are %s", (_what, body, wanted) => {
  expect(wordsOfBody(body)).toBe(wanted);
});
