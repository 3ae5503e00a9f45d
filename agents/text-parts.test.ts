import { expect, test } from "vitest";
import { channels } from "../channels/index.ts";
import { hasAddress, isAddress, partsOf } from "./text-parts.ts";

const textOf = (kind: string) => channels.find((channel) => channel.kind === kind)?.text ?? {};

test("links of a text become markers, and are restored unchanged", () => {
  const { parts, assemble } = partsOf({ text: "See https://shop.example/a?b=1. Or write to care@shop.example!" }, textOf("twilio"));
  expect(parts).toEqual({ text: "See [link 1]. Or write to [link 2]!" });
  expect(assemble({ text: "Write to [link 2], or see [link 1]" })).toEqual({
    text: "Write to care@shop.example, or see https://shop.example/a?b=1",
  });
});

test("the model sees the body of a mail as text and links; the result is HTML again", () => {
  const given = { subject: "Hello", body: '<p>Hello Dana &amp; all,</p><p>see <a href="https://a.example/x">your options</a><br>soon</p>' };
  const { parts, assemble } = partsOf(given, textOf("smtp"));
  expect(parts).toEqual({ subject: "Hello", body: "Hello Dana & all,\n\nsee [link 1]\nsoon" });
  expect(assemble({ subject: "Hi", body: "Dana <b> & all:\n\n[link 1]" })).toEqual({
    subject: "Hi",
    body: '<p>Dana &lt;b&gt; &amp; all:</p>\n<p><a href="https://a.example/x">your options</a></p>',
  });
});

test("entities: every HTML entity is decoded and encoded again unchanged", () => {
  const { parts, assemble } = partsOf({ body: "<p>It&rsquo;s 200 &euro;</p>" }, textOf("smtp"));
  expect(parts).toEqual({ body: "It’s 200 €" });
  expect(assemble(parts)).toEqual({ body: "<p>It’s 200 €</p>" });
  expect(partsOf({ body: "<p>&Auml;rger &amp;rsquo; &lt;b&gt;&nbsp;&#8364; &frac12;</p>" }, textOf("smtp")).parts).toEqual({
    body: "Ärger &rsquo; <b> € ½",
  });
  expect(assemble({ body: "Ärger &rsquo; <b>" })).toEqual({ body: "<p>Ärger &amp;rsquo; &lt;b&gt;</p>" });
});

test("F8: a body that is a text keeps its lines and the addresses in brackets", () => {
  const body = "Hello Ann &amp; Bob,\n\n<https://shop.example/t/42>\nCare <care@shop.example>";
  const { parts, assemble } = partsOf({ body }, textOf("smtp"));
  expect(parts).toEqual({ body: "Hello Ann & Bob,\n\n<[link 1]>\nCare <[link 2]>" });
  expect(assemble(parts)).toEqual({
    body: "<p>Hello Ann &amp; Bob,</p>\n<p>&lt;https://shop.example/t/42&gt;<br>Care &lt;care@shop.example&gt;</p>",
  });
  expect(partsOf({ body: "<p>Care <care@shop.example></p>" }, textOf("smtp")).parts).toEqual({ body: "Care <[link 1]>" });
});

test("line breaks of the HTML source are not line breaks of the text, and hidden content is not read", () => {
  const body = '<p>One\n  two <b>three</b></p>\n<script>x()</script><!-- no --><a href="https://a.example">never closed';
  expect(partsOf({ body }, textOf("smtp")).parts).toEqual({ body: "One two three\n\nnever closed" });
});

test("parts without prose stay the author's: pages with their own layout, addresses, payloads", () => {
  const page = { subject: "Hello", body: "<!doctype html><html><body>Hello</body></html>" };
  expect(partsOf(page, textOf("smtp")).parts).toEqual({ subject: "Hello" });
  expect(partsOf(page, textOf("smtp")).assemble({ subject: "Hi" })).toEqual({ ...page, subject: "Hi" });
  const push = { title: "Hello", text: "There", url: "https://a.example" };
  expect(partsOf(push, textOf("push")).assemble({ title: "A", text: "B" })).toEqual({ title: "A", text: "B", url: "https://a.example" });
  expect(partsOf({ payload: { a: 1 } }, textOf("webhook")).parts).toEqual({});
});

test("a part may be as long as reads well on its channel, and never less than the author took", () => {
  expect(partsOf({ text: "x".repeat(500) }, textOf("twilio")).rules.text).toEqual({ most: 500, isOneLine: false, isSms: true });
  expect(partsOf({ text: "short" }, textOf("twilio")).rules.text?.most).toBe(306);
  expect(partsOf({ title: "short" }, textOf("push")).rules.title).toEqual({ most: 60, isOneLine: true, isSms: false });
});

test.each(["a", "a.", "a@", "a:", "a&", "<a>", "<a>x</a>", "<p><a", "<b>", "<@", "&#"])(
  "a long text of '%s' takes no longer than its length deserves",
  (sign) => {
    const text = sign.repeat(100_000);
    // With quadratic time this would not finish.
    for (const [kind, field] of [
      ["smtp", "body"],
      ["twilio", "text"],
    ] as const)
      expect(partsOf({ [field]: text }, textOf(kind)).parts).toHaveProperty(field);
  },
);

test("an address inside other text is distinguished from a separate one", () => {
  const values = ["https://a.example/x", " care@a.example ", "see https://a.example/x", "Outback", ""];
  expect(values.map(isAddress)).toEqual([true, true, false, false, false]);
  expect(values.map(hasAddress)).toEqual([true, true, true, false, false]);
});
