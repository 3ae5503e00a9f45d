import { expect, test } from "vitest";
import { outlineOf } from "./outline.ts";

const TEMPLATES = { "part.liquid": "<p>\n{{ x }}</p>", "wide/foot.mjml.liquid": "foot" };
const textOf = (source: string, holds = true): string | undefined => outlineOf(source, TEMPLATES, holds)?.text;

test.each<[string, string, string]>([
  ["a {{ customer.name | upcase }} b", "a 1 b", "a 1 b"],
  ["{% if a %}A{% elsif b %}B{% else %}C{% endif %}", "A", "C"],
  ["{% unless a %}A{% else %}B{% endunless %}{% if a %}C{% endif %}", "BC", "A"],
  ["{% case a %}x{% when 1 %}A{% when 2 %}B{% else %}C{% endcase %}", "A", "C"],
  ["{% for a in b %}A{{ a }}{% else %}none{% endfor %}!", "A1!", "none!"],
  ["{%- comment -%}<mjml>{%- endcomment -%}{% capture c %}x{% endcapture %}{% assign d = 1 %}y", "y", "y"],
  ["{% if a %}{% if b %}A{% endif %}{% for c in d %}B{% endfor %}{% endif %}", "AB", ""],
  ["{% render 'part', x: 1 %}{% include \"wide/foot\" %}", "<p>\n1</p>foot", "<p>\n1</p>foot"],
])("W12: the outline of %s", (source, holds, fails) => {
  expect([textOf(source), textOf(source, false)]).toEqual([holds, fails]);
});

test.each(["{% layout 'part' %}", "{% render part %}", "{% render 'nothing' %}"])("W12: there is none of %s", (source) =>
  expect(textOf(source)).toBeUndefined(),
);

test("W12: a place in the outline is one in the template, or in the shared template that it comes from", () => {
  const outline = outlineOf("a\n{% if a %}\n{{ b\n }}\n{% endif %}\n{% render 'part' %}\nend", TEMPLATES, true);
  const at = (word: string) => outline?.placeOf(outline.text.indexOf(word));
  expect([at("a"), at("1"), at("</p>"), at("end")]).toEqual([{ line: 1 }, { line: 3 }, { line: 2, file: "part.liquid" }, { line: 7 }]);
  expect(outline?.placeOf(10_000)).toEqual({ line: 7 });
});
