import { expect, test } from "vitest";
import { mailBodyOf } from "./mail-body.ts";

const section = (inside: string): string => `<mjml><mj-body><mj-section><mj-column>${inside}</mj-column></mj-section></mj-body></mjml>`;

test("MJML is rendered, and escaped values stay escaped", () => {
  const { html, text } = mailBodyOf(
    section('<mj-text>Hello &lt;script&gt; &amp; Ann</mj-text><mj-button href="https://x.example/?a=1&amp;b=2">Go</mj-button>'),
  );
  expect(html).toContain("<table");
  expect(html).toContain("Hello &lt;script&gt; &amp; Ann");
  expect(html).not.toContain("<mj-");
  expect(text).toBe("Hello <script> & Ann\n\nGo (https://x.example/?a=1&b=2)");
});

test("a fragment becomes a page", () => {
  expect(mailBodyOf("<p>Hello</p>").html).toMatch(
    /^<!doctype html>\s*<html>.*charset="utf-8".*<body>\s*<p>Hello<\/p>\s*<\/body><\/html>$/s,
  );
});

test("a page stays as it is", () => {
  const page = "<html><body><p>Hello</p></body></html>";
  expect(mailBodyOf(page).html).toBe(page);
});

test("a text without tags keeps its lines and paragraphs", () => {
  const { html, text } = mailBodyOf("Hello Ann &amp; Bob,\n\n1 &lt; 2\nbye\n");
  expect(html).toContain("<p>Hello Ann &amp; Bob,</p>\n<p>1 &lt; 2<br>\nbye</p>");
  expect(text).toBe("Hello Ann & Bob,\n\n1 < 2\nbye");
});

const ODD =
  "Hello Ann,\n\n<https://shop.example/t/42>\nCare <care@shop.example>\n<Ann & Bob> <3 AT&T\nhttps://x.example/?a=1&copy=2\n\nbye";

test("F8: addresses in angle brackets stay in both parts of a text, on lines of their own", () => {
  const { html, text } = mailBodyOf(ODD);
  expect(text).toBe(ODD);
  expect(html).toContain(
    "&lt;https://shop.example/t/42&gt;<br>\nCare &lt;care@shop.example&gt;<br>\n&lt;Ann &amp; Bob&gt; &lt;3 AT&amp;T<br>",
  );
});

test.each([
  [
    "<p>See <https://shop.example/t/42></p>\n<p>Care <care@shop.example></p>",
    "See <https://shop.example/t/42>\n\nCare <care@shop.example>",
  ],
  ["<html><body>Write to <mailto:care@shop.example><br></body></html>", "Write to <mailto:care@shop.example>"],
  [
    section("<mj-text>Care <care@shop.example></mj-text><mj-text><https://shop.example/t/42></mj-text>"),
    "Care <care@shop.example>\n\n<https://shop.example/t/42>",
  ],
])("F8: addresses in angle brackets stay in both parts of HTML: %s", (body, expected) => {
  const { html, text } = mailBodyOf(body);
  expect(text).toBe(expected);
  expect(html).not.toMatch(/<(https:|mailto:|care@)/);
});

test.each([
  ["a text", "1 < 2, Dear <Name>, x<y", "1 &lt; 2, Dear &lt;Name&gt;, x&lt;y"],
  ["HTML", "a <b>bold</b> word", "a <b>bold</b> word"],
  ["HTML", "one<br/>two", "one<br/>two"],
  ["HTML", "<!-- hidden -->seen", "<!-- hidden -->seen"],
])("F8: %s is recognized by known HTML tags: %s", (_, body, expected) => expect(mailBodyOf(body).html).toContain(expected));

test.each([
  ["is not closed", "<mjml><mj-body><mj-text>x</mj-body></mjml>", /not sound MJML/],
  ["reads a file", '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>', /not sound MJML/],
  ["is nested too deep", `<mjml><mj-body>${"<mj-section>".repeat(5_000)}`, /deeper than 200/],
  ["is too long", section("x".repeat(600_000)), /at most/],
])("MJML that %s is refused before any message is sent, and the next one is rendered", (_, body, problem) => {
  expect(() => mailBodyOf(body)).toThrow(expect.objectContaining({ code: "UPSTREAM_FAILED", message: expect.stringMatching(problem) }));
  expect(mailBodyOf(section("<mj-text>Hello</mj-text>")).text).toBe("Hello");
});
