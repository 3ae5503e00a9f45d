import { expect, test } from "vitest";
import { checkTexts } from "../testing/policy.ts";
import { describeProblem } from "../workspace/problem.ts";
import { problemsOfMails } from "./check-mail.ts";

const MAIL = "channels: {mail: {kind: smtp}, box: {kind: file}}";
const LETTER = "channels:\n  mail: {subject: Hi, template: letter.mjml.liquid}";

function problemsOf(templates: Readonly<Record<string, string>>, experience = LETTER): string[] {
  const { bodies = [] } = checkTexts(MAIL, [experience], { templates });
  return problemsOfMails(bodies).map(describeProblem);
}

const HEAD = "<mjml>\n<mj-body>\n<mj-section><mj-column>\n";
const FOOT = "\n</mj-column></mj-section>\n</mj-body>\n</mjml>";

test("W12: MJML that does not compile is an error at its line of the template", () => {
  expect(problemsOf({ "letter.mjml.liquid": `${HEAD}{% if customer.a %}\n<mj-txt>{{ customer.a }}</mj-txt>\n{% endif %}${FOOT}` })).toEqual(
    ["templates/letter.mjml.liquid:5: not sound MJML: unknown element mj-txt; did you mean mj-text?"],
  );
  expect(problemsOf({ "letter.mjml.liquid": `${HEAD}{% if customer.a %}{% else %}\n<mj-text>x{% endif %}${FOOT}` })).toEqual([
    "templates/letter.mjml.liquid:5: not sound MJML: <mj-text> is not closed before </mj-column>",
  ]);
  expect(problemsOf({ "letter.mjml.liquid": "Dear {{ customer.a }}" })).toEqual([
    "templates/letter.mjml.liquid:1: expected <mjml> at its beginning",
  ]);
});

test("W12: what stands in a shared template is named there, once for all that use it", () => {
  const templates = {
    "letter.mjml.liquid": `${HEAD}{% render 'part' %}${FOOT}`,
    "part.liquid": "<mj-text>x</mj-text>\n<mj-button href=>y</mj-button>",
  };
  const two = `${LETTER}\n  box: {text: x}`;
  const { bodies = [] } = checkTexts(MAIL, [two, `id: f\n${LETTER}`], { templates });
  expect(problemsOfMails(bodies).map(describeProblem)).toEqual([
    "templates/part.liquid:2: not sound MJML: invalid attribute cause expected quote mark not '>'",
  ]);
});

test("W12: a body within an experience has its line there", () => {
  const body = `${HEAD}<mj-text>x${FOOT}`.replaceAll("\n", "\n      ");
  expect(problemsOf({}, `channels:\n  mail:\n    subject: Hi\n    body: |\n      ${body}`)).toEqual([
    "experiences/0.yaml:8: channels.mail.body: not sound MJML: <mj-text> is not closed before </mj-column>",
  ]);
});

test("W12: sound MJML, with conditions, loops and parts, and other HTML have no problem", () => {
  const letter = `{% render 'head' %}{% unless customer.a %}<mj-text>a</mj-text>{% endunless %}{% for l in customer.list %}<mj-text>{{ l }}</mj-text>{% endfor %}${FOOT}`;
  expect(problemsOf({ "letter.mjml.liquid": letter, "head.liquid": HEAD })).toEqual([]);
  expect(problemsOf({}, "channels: {mail: {subject: Hi, body: '<p>a<br>b'}}")).toEqual([]);
});

test.each([
  ['<mj-text colr="red">x</mj-text>', "unknown attribute colr of mj-text; did you mean color?"],
  ['<mj-button hrf="{{ customer.a }}" align="left">x</mj-button>', "unknown attribute hrf of mj-button; did you mean href?"],
  ['<mj-image src="https://a.example/?colr=1" aling="left" />', "unknown attribute aling of mj-image; did you mean align?"],
  ['<mj-text color="red" css-class="a" data-test="1" title=\'colr="x"\'>colr="x"</mj-text>', undefined],
  ["<mj-divider border-width='1px'/><mj-spacer height=\"{{ customer.a | default: 1 }}px\" />", undefined],
])("attributes of %s", (part, problem) => {
  expect(problemsOf({ "letter.mjml.liquid": `${HEAD}${part}${FOOT}` })).toEqual(
    problem === undefined ? [] : [`templates/letter.mjml.liquid:4: not sound MJML: ${problem}`],
  );
});

test("defaults for many elements take the attributes of any, and mj-class a name", () => {
  const head =
    '<mjml><mj-head><mj-attributes><mj-all font-family="Arial" /><mj-class name="big" inner-padding="1px" /></mj-attributes></mj-head>';
  expect(problemsOf({ "letter.mjml.liquid": `${head}<mj-body></mj-body></mjml>` })).toEqual([]);
});
