import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readDataset, rowsOf } from "./data.ts";

const dir = mkdtempSync(join(tmpdir(), "intents-"));
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

test("rows keep quoted commas, quotes and line breaks", () => {
  expect(rowsOf('text,category\r\n"a, ""b""\nc",x\nplain,y\n')).toEqual([
    ["text", "category"],
    ['a, "b"\nc', "x"],
    ["plain", "y"],
  ]);
});

test("a table of texts and categories is read, in any order of columns, with a test file beside it", () => {
  file("train.csv", "category,text\nx,hello\n");
  const { train, test } = readDataset(dir, file("test.csv", "text,category\nhi,x\nweather,oos\n"));
  expect(train).toEqual({ inside: [{ text: "hello", label: "x" }], outside: [] });
  expect(test).toEqual({ inside: [{ text: "hi", label: "x" }], outside: ["weather"] });
  rmSync(join(dir, "train.csv"));
});

test("lists are read with out-of-scope texts separated, the test lists as an object or as one list", () => {
  file("data.json", JSON.stringify({ train: [["a", "x"]], val: [["b", "x"]], oos_train: [["c", "oos"]], oos_val: [["d", "oos"]] }));
  const expected = { inside: [{ text: "e", label: "x" }], outside: ["f"] };
  const asObject = readDataset(dir, file("test.json", JSON.stringify({ test: [["e", "x"]], oos_test: [["f", "oos"]] })));
  expect(asObject.test).toEqual(expected);
  expect(asObject.train).toEqual({ inside: [{ text: "a", label: "x" }], outside: ["c"] });
  expect(asObject.validation).toEqual({ inside: [{ text: "b", label: "x" }], outside: ["d"] });
  const asList = file(
    "list.json",
    JSON.stringify([
      ["e", "x"],
      ["f", "oos"],
    ]),
  );
  expect(readDataset(dir, asList).test).toEqual(expected);
});

test("a folder without either is refused with the expected formats", () => {
  rmSync(join(dir, "data.json"), { force: true });
  expect(() => readDataset(dir)).toThrow("expected train.csv or data.json");
});
