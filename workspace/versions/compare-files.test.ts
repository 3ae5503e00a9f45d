import { expect, test } from "vitest";
import { compareFiles } from "./compare-files.ts";

const filesOf = (given: Readonly<Record<string, string | Buffer>>) =>
  new Map(Object.entries(given).map(([name, content]) => [name, Buffer.from(content)]));

test("files that are added, removed or changed are listed by name with their lines; the others are not", () => {
  const before = filesOf({ "sentient.yaml": "a\nb\n", "experiences/old.yaml": "id: old\n", "templates/t": "same" });
  const after = filesOf({ "templates/t": "same", "sentient.yaml": "a\nc\n", "experiences/new.yaml": "id: new\n" });
  expect(compareFiles(before, after)).toEqual([
    { file: "experiences/new.yaml", change: "added", diff: "@@ -0,0 +1,1 @@\n+id: new" },
    { file: "experiences/old.yaml", change: "removed", diff: "@@ -1,1 +0,0 @@\n-id: old" },
    { file: "sentient.yaml", change: "changed", diff: "@@ -1,2 +1,2 @@\n a\n-b\n+c" },
  ]);
});

test("a file that is no text is listed without lines", () => {
  const [before, after] = [filesOf({ "templates/logo": Buffer.from([0xff, 1]) }), filesOf({ "templates/logo": "text" })];
  expect(compareFiles(before, after)).toEqual([{ file: "templates/logo", change: "changed" }]);
});

test("a file that differs in its line ends alone is a changed one", () => {
  const [{ change, diff } = { change: "", diff: "" }] = compareFiles(filesOf({ "templates/t": "a" }), filesOf({ "templates/t": "a\n" }));
  expect({ change, diff }).toEqual({ change: "changed", diff: "" });
});
