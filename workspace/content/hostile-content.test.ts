import { expect, test } from "vitest";
import type { ContentScope } from "../../domain/entities/policy.ts";
import { createContentCompiler } from "./content.ts";

const scope = {
  zone: "UTC",
  customer: {
    ...{ id: "c-1", timezone: "UTC", locale: "en", openCases: 0, consents: [], promises: [], goals: [] },
    ...{ x: "2026-06-08", s: "<script".repeat(50_000), name: "{{ secrets.key }}", html: "<b>bold</b>", list: ["x".repeat(1_000)] },
    subject: "x\r\nBcc: victim@example.com",
  },
  signal: { type: "go", data: {} },
  moment: { name: "m", openedAt: "2026-06-01T15:00:00.000Z", urgency: 0.5, data: {} },
  experience: { id: "e", name: "Hello" },
  action: {},
} as unknown as ContentScope;

/** Outcome for a text: rejected at compile time, rejected at render time, or printed. */
function outcomeOf(source: string, given: { isHtml?: boolean; isLine?: boolean } = {}): string {
  const compiled = createContentCompiler({ "greeting.liquid": "Hello" }).compile([{ path: "text", source, isHtml: false, ...given }]);
  if (!compiled.ok) return "refused by check";
  try {
    return String(compiled.content.render(scope).text);
  } catch {
    return "refused";
  }
}

/** Templates that have broken the engine or its users before: CVE numbers are of 2026. */
test.each([
  ["CVE-45357, a width without measure", "{{ customer.x | date: '%5000000d' }}", "refused"],
  ["CVE-44645, an empty loop", "{%- for i in (1..50000000) -%}{%- endfor -%}", "refused"],
  ["CVE-44645, loops in each other", "{%- for i in (1..9999) -%}{%- for j in (1..9999) -%}{%- endfor -%}{%- endfor -%}", "refused"],
  ["CVE-45617, tags that never end", "{{ customer.s | strip_html | size }}", "350000"],
  ["CVE-45618, the constructor of the constructor", "{{ customer.constructor.constructor }}", ""],
  ["CVE-45618, by another way", "{{ customer.list.map.constructor | default: 'none' }}", "none"],
  ["the prototype", "{{ customer.__proto__ | default: 'none' }}", "none"],
  ["CVE-30952, a file of the machine", "{% include '/etc/passwd' %}", "refused by check"],
  ["CVE-30952, a file beside", "{% render '../../.env' %}", "refused by check"],
  ["a file of the working directory", "{% include 'package.json' %}", "refused by check"],
  ["a layout that is a file", "{% layout 'package.json' %}", "refused by check"],
  ["CVE-41311, a block inside of itself", "{% block a %}{% block a %}{% endblock %}{% endblock %}", ""],
  [
    "CVE-55575, lists that grow",
    "{% assign a = customer.list %}{% for i in (1..40) %}{% assign a = a | concat: a %}{% assign b = a | pop %}{% endfor %}",
    "refused",
  ],
  ["a text that doubles", "{% assign a='xxxxxxxx' %}{% for i in (1..30) %}{% assign a = a | append: a %}{% endfor %}", "refused"],
  ["a template in a value", "{{ customer.name }}", "{{ secrets.key }}"],
  ["a filter that lets through", "{{ customer.html | raw }}", "refused by check"],
  ["an undefined variable", "{{ undefined_var }}", "refused by check"],
  ["an unknown filter", "{{ customer.x | nope }}", "refused by check"],
  ["an unknown tag", "{% eval customer.x %}", "refused by check"],
])("%s", (_, source, wanted) => {
  expect(outcomeOf(source)).toBe(wanted);
});

test("a value in HTML is text, and a line break in a header is a space", () => {
  expect(outcomeOf("{{ customer.html }}", { isHtml: true })).toBe("&lt;b&gt;bold&lt;/b&gt;");
  expect(outcomeOf("Re: {{ customer.subject }}", { isLine: true })).toBe("Re: x Bcc: victim@example.com");
});
