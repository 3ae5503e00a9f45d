import { expect, test } from "vitest";
import { isMjml, MJML_ELEMENTS, mjmlProblem } from "./check-mjml.ts";
import { mailBodyOf } from "./mail-body.ts";

const page = (inside: string): string =>
  `<mjml>\n<mj-body>\n<mj-section><mj-column>\n${inside}\n</mj-column></mj-section>\n</mj-body>\n</mjml>`;

test.each<[string, string, string, number]>([
  ["an element that is not closed", page("<mj-text>x"), "<mj-text> is not closed before </mj-column>", 4],
  ["an element of HTML that is not closed", page("<mj-text>a\n<p>x</mj-text>"), "<p> is not closed before </mj-text>", 5],
  ["an unknown element", page("<mj-txt>x</mj-txt>"), "unknown element mj-txt", 4],
  ["an end without a beginning", "<mjml>\n</mj-body></mjml>", "<mjml> is not closed before </mj-body>", 1],
  ["an end after the end", "<mjml></mjml>\n</mj-body>", "</mj-body> closes nothing", 2],
  ["a text that ends too soon", "<mjml>\n<mj-body>", "<mj-body> is not closed", 2],
  ["an include", page('<mj-include path="x"/>'), "mj-include is not available: use {% render %}", 4],
  ["an attribute without quotes", page("ä<mj-button href=>x</mj-button>"), "invalid attribute cause expected quote mark not '>'", 4],
  ["an element in the wrong place", "<mjml><mj-head>\n<mj-text>x</mj-text></mj-head></mjml>", "unexpected element", 2],
])("W12: MJML with %s has its line", (_, text, message, line) => {
  const problem = mjmlProblem(text);
  expect(problem?.message).toBe(message);
  expect(text.slice(0, problem?.offset).split("\n").length).toBe(line);
});

test("W12: sound MJML has no problem, whatever HTML its texts hold", () => {
  const inside =
    "<mj-text>a <br> & b<p>c <https://x.example> <care@x.example></p> <!-- <mj-nothing> --></mj-text><mj-image src='a' alt=\"a > b\" />";
  expect(mjmlProblem(page(inside))).toBeUndefined();
  expect([isMjml(page(inside)), isMjml("<!-- a --> <mjml>"), isMjml("<p>mjml</p>")]).toEqual([true, true, false]);
});

test("W12: every element of the list is laid out and none is passed on as it is", () => {
  const known = MJML_ELEMENTS.filter((name) => !["mjml", "mj-head", "mj-body"].includes(name));
  const HEAD = ["mj-attributes", "mj-all", "mj-class", "mj-breakpoint", "mj-font", "mj-preview", "mj-style", "mj-title"];
  const INNER = /^mj-(social-element|navbar-link|carousel-image|accordion-.*)$/;
  for (const name of known.filter((one) => !HEAD.includes(one) && !INNER.test(one)))
    expect(mailBodyOf(page(`<${name}></${name}>`)).html).not.toContain(`<${name}`);
});
