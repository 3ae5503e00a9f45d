import { expect, test } from "vitest";
import { mailBodyOf } from "./mail-body.ts";

const section = (inside: string): string => `<mjml><mj-body><mj-section><mj-column>${inside}</mj-column></mj-section></mj-body></mjml>`;

test("MJML is laid out, and values that were escaped stay escaped", () => {
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

test.each([
  ["is not closed", "<mjml><mj-body><mj-text>x</mj-body></mjml>", /not sound MJML/],
  ["reads a file", '<mjml><mj-body><mj-include path="/etc/passwd" /></mj-body></mjml>', /not sound MJML/],
  ["is nested too deep", `<mjml><mj-body>${"<mj-section>".repeat(5_000)}`, /deeper than 200/],
  ["is too long", section("x".repeat(600_000)), /at most/],
])("MJML that %s is refused before anything is sent, and the next one is laid out", (_, body, problem) => {
  expect(() => mailBodyOf(body)).toThrow(expect.objectContaining({ code: "UPSTREAM_FAILED", message: expect.stringMatching(problem) }));
  expect(mailBodyOf(section("<mj-text>Hello</mj-text>")).text).toBe("Hello");
});
