import { Liquid } from "liquidjs";
import { describe, expect, test } from "vitest";
import type { ContentScope } from "../../domain/entities/policy.ts";
import { createContentCompiler } from "./content.ts";

/** What a text prints in a language; no-break spaces shown as `_`. */
function printed(source: string, language: string | undefined, customer: object = {}, zone = "UTC"): string {
  const compiled = createContentCompiler({}).compile([{ path: "text", source, isHtml: false }], language);
  if (!compiled.ok) throw new Error(compiled.problems.map(({ problem }) => problem).join("; "));
  return String(compiled.content.render({ zone, customer } as unknown as ContentScope).text).replaceAll("\u00a0", "_");
}

describe("names of days and months", () => {
  const at = { at: "2026-06-08" };
  test.each([
    [undefined, "%A, %-d %B %Y", "Monday, 8 June 2026"],
    ["en", "%a %b", "Mon Jun"],
    ["en-GB", "%A, %-d %B %Y", "Monday, 8 June 2026"],
    ["de", "%A, %-d. %B %Y", "Montag, 8. Juni 2026"],
    ["de-AT", "%a, %-d. %b", "Mo, 8. Juni"],
    ["fr", "%A %-d %B", "lundi 8 juin"],
    ["fr", "%^A %^B", "LUNDI JUIN"],
    ["pt-BR", "%A, %-d de %B", "segunda-feira, 8 de junho"],
    ["pl", "%-d %B", "8 czerwca"],
    ["pl", "%B %Y", "czerwiec 2026"],
    ["ja", "%-m月%-d日 %A", "6月8日 月曜日"],
    ["fa", "%B %Y", "ژوئن 2026"],
    ["th", "%B %Y", "มิถุนายน 2026"],
    ["de", "%%A %d.%m.%Y", "%A 08.06.2026"],
    ["de", "%x", "8.6.2026"],
    ["en", "%x", "6/8/2026"],
    ["fr", "%X", "00:00:00"],
  ])("in %s: %s", (language, format, text) => {
    expect(printed(`{{ customer.at | date: '${format}' }}`, language, at)).toBe(text);
  });

  test("are those of the day in the customer's zone", () => {
    expect(printed("{{ customer.at | date: '%A %H:%M' }}", "de", { at: "2026-06-08T02:00:00Z" }, "America/Chicago")).toBe("Sonntag 21:00");
  });

  test("the date filters for people are in the language, those for programs in English", () => {
    expect(printed("{{ customer.at | date_to_long_string }}", "de", at)).toBe("08 Juni 2026");
    expect(printed("{{ customer.at | date_to_rfc822 }}", "de", at)).toBe("Mon, 08 Jun 2026 00:00:00 +0000");
  });
});

describe("numbers and money", () => {
  test.each([
    [undefined, "number", 12345.678, "12,345.678"],
    ["de", "number", 12345.678, "12.345,678"],
    ["de", "number: 2", 12345.678, "12.345,68"],
    ["de", "number: 0", 0.5, "1"],
    ["fr", "number", 12345.5, "12_345,5"],
    ["ar", "number: 1", 1234.5, "1,234.5"],
    ["de", "number", "12.5", "12,5"],
    [undefined, "money: 'EUR'", 1234.5, "€1,234.50"],
    ["de", "money: 'EUR'", 1234.5, "1.234,50_€"],
    ["de", "money: 'eur'", "1234.5", "1.234,50_€"],
    ["de-AT", "money: 'EUR'", 1234.5, "€_1.234,50"],
    ["fr", "money: 'EUR'", 1234.5, "1_234,50_€"],
    ["pt-BR", "money: 'BRL'", -1234.5, "-R$_1.234,50"],
    ["ja", "money: 'JPY'", 1234.5, "￥1,235"],
    ["en", "money: 'JPY'", 1234.4, "¥1,234"],
  ])("in %s: %s of %j", (language, filter, value, text) => {
    expect(printed(`{{ customer.value | ${filter} }}`, language, { value })).toBe(text);
  });

  test.each([
    ["number", "abc", /"abc" is there but is no number/],
    ["number", [1], /is there but is no number/],
    ["money: customer.currency", 5, /"XXL" is no currency; expected a code like EUR/],
  ])("what cannot be printed is refused: %s of %j", (filter, value, problem) => {
    expect(() => printed(`{{ customer.value | ${filter} }}`, "de", { value, currency: "XXL" })).toThrow(problem);
  });

  test.each([
    ["{{ 5 | money: 'EURO' }}", /"EURO" is no currency/],
    ["{{ customer.value | money: 'EURO' }}", /can never be written, whatever it reads: .*no currency/],
    ["{{ customer.value | money }}", /can never be written/],
    ["{{ customer.value | number: 'two' }}", /can never be written.*digits/],
  ])("what can never be printed is found by check: %s", (source, problem) => {
    expect(() => printed(source, "de")).toThrow(problem);
  });

  test("a value that is missing prints nothing where it may be missing", () => {
    expect(printed("{{ customer.value | default: '' | money: 'EUR' }}.", "de")).toBe(".");
  });
});

test("names of English months and weekdays are those of the library, with its flags, widths and unknown codes", () => {
  const library = new Liquid({ locale: "en-US", timezoneOffset: 0 });
  const format = "%A %a %B %b %h|%^B %-b %10A %_10a %%B %%%b %Eb %Q %5 %:z|%d %Y";
  for (let month = 0; month < 12; month++) {
    const at = new Date(Date.UTC(2026, month, 3 + month)).toISOString();
    expect(printed(`{{ customer.at | date: "${format}" }}`, undefined, { at })).toBe(
      library.parseAndRenderSync(`{{ at | date: "${format}" }}`, { at }),
    );
  }
});
