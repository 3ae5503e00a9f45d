import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUILT_IN_FIELDS, BUILT_IN_MOMENTS, BUILT_IN_SIGNALS, COMMON_DATA, type DataFields, KNOWN_TRAITS } from "./built-ins.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Rows of the table under a marker like `<!-- signals -->`, each as its cells. */
function rowsOf(marker: string): string[][] {
  const page = readFileSync(join(ROOT, "docs", "built-ins.md"), "utf8");
  const section = page.split(`<!-- ${marker} -->`)[1]?.split(`<!-- /${marker} -->`)[0] ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const fieldsInWords = (fields: DataFields): string =>
  Object.entries(fields)
    .map(([name, about]) => `\`${name}\`: ${about}`)
    .join("<br>");

const plainRows = (fields: DataFields): string[][] => Object.entries(fields).map(([name, about]) => [`\`${name}\``, about]);

test("W23: docs/built-ins.md lists the built-in signals with their data, moments and fields of the code, and no other", () => {
  const signals = Object.entries(BUILT_IN_SIGNALS).map(([type, signal]) => [
    `\`${type}\``,
    signal.about,
    [fieldsInWords(signal.data), ...("isOpen" in signal ? ["and what its sender adds"] : [])].filter((text) => text !== "").join("<br>"),
  ]);
  expect(rowsOf("signals")).toEqual(signals);
  expect(rowsOf("common-data")).toEqual(plainRows(COMMON_DATA));
  expect(rowsOf("moments")).toEqual(
    Object.entries(BUILT_IN_MOMENTS).map(([name, { about, data }]) => [`\`${name}\``, about, fieldsInWords(data)]),
  );
  const fields = Object.entries(BUILT_IN_FIELDS).map(([name, field]) => [
    `\`customer.${name}\``,
    "items" in field
      ? `${field.about}; of each: ${Object.keys(field.items)
          .map((item) => `\`${item}\``)
          .join(", ")}`
      : field.about,
  ]);
  expect(rowsOf("fields")).toEqual([...fields, ...Object.entries(KNOWN_TRAITS).map(([name, about]) => [`\`customer.${name}\``, about])]);
});

test("W23: every signal type that the code gives a meaning is in the table", () => {
  const named = ["domain", "intake", "engine", "operations", "delivery", "agents", "store", "channels", "server"]
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => join(ROOT, folder, name)))
    .filter((path) => path.endsWith(".ts") && !/\.(test|contract)\.ts$/.test(path))
    .flatMap((path) => readFileSync(path, "utf8").match(TYPE) ?? [])
    .map((word) => word.slice(1, -1));
  const known = Object.keys(BUILT_IN_SIGNALS);
  expect([...new Set(named)].filter((type) => !known.includes(type) && !NO_SIGNALS.includes(type))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});

/** A literal that names a signal type in one of the built-in families. */
const TYPE = /"(?:customer|message|human|case|promise|offer|delivery|clock|page|screen|group|stage)\.[a-z_]+"/g;

/** Actions of the audit, and a path of a field, in the same form. */
const NO_SIGNALS = ["customer.exported", "customer.touched", "customer.promises", "customer.split", "offer.lowered"];
