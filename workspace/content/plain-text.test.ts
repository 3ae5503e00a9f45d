import { toValueSync, Value } from "liquidjs";
import { describe, expect, test } from "vitest";
import { createEngine } from "./liquid-engine.ts";
import { plainField, plainParts, plainText, plainValue } from "./plain-text.ts";

const VALUES: readonly unknown[] = [
  ...["Ann", "", " a\r\nb\u2028", '<b title="x">&\'</b>', "{{ customer.a }}", "\u{1f600}", "x".repeat(60_000)],
  ...[0, -0, 3, -1.5, 0.1 + 0.2, 1e21, 1e-7, Number.NaN, Number.POSITIVE_INFINITY],
  ...[true, false, null, undefined, [], ["a"], {}, { b: "inner" }, new Date(0), () => "called", { size: 3, first: "f", b: 7 }],
];

const TEXTS = [
  "Hello",
  "Hello {{ customer.a }}",
  "{{ customer.a }}{{ customer['a'] }}",
  "  {{- customer.a -}}  !",
  "{{ customer.a.b }} and {{ signal.data.n }}",
  '{{ customer["two words"] }}',
  "{{ customer.a.constructor }}",
  "{{ customer.a.size }}",
  "{{ customer.a.first }}",
  "{{ customer.a.length }}",
  "{{ customer.a[0] }}",
  "{{ customer[signal.data.name] }}",
  "{{ customer.a | upcase }}",
  "{{ customer.a == 3 }}",
  "{{ 'a' }}{{ 3 }}{{ true }}{{ nil }}",
  "{{ missing }}",
  "{% if customer.a %}yes{% endif %}",
  "{% raw %}{{ customer.a }}{% endraw %}",
  "{% assign customer = 'b' %}{{ customer }}",
];

const scopeOf = (a: unknown) => ({ customer: { a, "two words": a }, signal: { data: { n: 5, name: "a" } } });

const attempt = (work: () => unknown): unknown => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

describe.each([false, true])("a text that is printed without the engine, as HTML: %s", (isHtml) => {
  const engine = createEngine({}, isHtml);

  test.each(TEXTS)("%s reads as the engine prints it, whatever its fields hold", (source) => {
    const templates = engine.parse(source);
    const parts = plainParts(templates);
    for (const a of VALUES) {
      const printed = parts && plainText(parts, scopeOf(a), isHtml);
      if (printed !== undefined) expect(printed).toBe(attempt(() => engine.renderSync(templates, {}, { globals: scopeOf(a) })));
    }
  });
});

test("literals and fields are printed without the engine; filters, conditions and what lists have are not", () => {
  const engine = createEngine({}, false);
  const isPlain = (source: string) => plainParts(engine.parse(source)) !== undefined;
  expect(TEXTS.filter(isPlain)).toEqual(TEXTS.filter((_, place) => [0, 1, 2, 3, 4, 5, 6, 9, 15].includes(place)));
  const parts = plainParts(engine.parse("Hello {{ customer.a }}")) ?? [];
  expect(plainText(parts, scopeOf("Ann"), false)).toBe("Hello Ann");
  expect(plainText(parts, scopeOf(["Ann"]), false)).toBeUndefined();
  expect(plainText(parts, scopeOf("<b>"), true)).toBeUndefined();
  expect(plainText(parts, scopeOf("x".repeat(200_000)), false)).toBeUndefined();
});

test("a field that keeps its type is read as the engine reads it, whatever it holds", () => {
  const engine = createEngine({}, false);
  const value = new Value("customer.a", engine);
  const names = plainField(value) ?? [];
  expect(names).toEqual(["customer", "a"]);
  expect(plainField(new Value("customer.a | upcase", engine))).toBeUndefined();
  for (const a of VALUES) {
    const read = plainValue(names, scopeOf(a));
    if (read !== undefined) expect(read).toBe(toValueSync(engine._evalValue("customer.a", scopeOf(a))));
  }
});
