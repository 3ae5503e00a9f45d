import { expect, test } from "vitest";
import { placeProposal } from "./place-proposal.ts";
import { type GivenFile, readProposal } from "./read-proposal.ts";

const EXPERIENCE: GivenFile = { file: "summer.yaml", text: "id: summer-list\nserves: [m]\n" };
const suite = (file: string, name: string): GivenFile => ({ file, text: `name: ${name}\ncases: []\n` });
const version = (files: Readonly<Record<string, string>>) =>
  new Map(Object.entries({ "sentient.yaml": "version: 1\n", ...files }).map(([name, text]) => [name, Buffer.from(text)]));
const placed = (files: Readonly<Record<string, string>>, evals: readonly GivenFile[] = [], experience = EXPERIENCE) =>
  placeProposal(version(files), readProposal(experience, evals), "canary");

test("a new experience is called after its id, a changed one stays where it is", () => {
  expect(placed({}).experience).toEqual({ file: "experiences/summer-list.yaml", text: `${EXPERIENCE.text}status: canary\n` });
  const before = "id: summer-list # old\n";
  const { experience, files, over } = placed({ "experiences/deep/list.yml": before });
  expect(experience).toMatchObject({ file: "experiences/deep/list.yml", before });
  expect(files.get("experiences/deep/list.yml")?.toString()).toBe(experience.text);
  expect(over).toEqual({ "experience summer-list": expect.any(String) });
  expect(placed({}).over).toEqual({ "experience summer-list": null });
});

test("a file of another experience, or that no experience can be read from, is not overwritten", () => {
  const files = { "experiences/summer-list.yaml": "id: other\n", "experiences/summer-list-2.yaml": "id: [" };
  expect(placed(files).experience.file).toBe("experiences/summer-list-3.yaml");
  expect(placed({ "experiences/Summer-List.yaml": "id: other\n" }).experience.file).toBe("experiences/summer-list-2.yaml");
});

test("golden decisions replace those of the same name, wherever these are, and no others", () => {
  const files = { "evals/a.yaml": "name: spring\n", "evals/deep/b.yaml": "name: spring\n", "evals/mine.yaml": "name: else\n" };
  const { evals, files: after } = placed(files, [suite("mine.yaml", "spring"), suite("mine.yaml", "new")]);
  expect(evals.map(({ file, before }) => [file, before])).toEqual([
    ["evals/a.yaml", "name: spring\n"],
    ["evals/mine-2.yaml", undefined],
  ]);
  expect([...after.keys()].filter((name) => name.startsWith("evals/"))).toEqual(["evals/a.yaml", "evals/mine-2.yaml", "evals/mine.yaml"]);
});

test.each([
  ["../../etc/passwd.yaml", "evals/passwd.yaml"],
  ["/etc/x", "evals/my-own.yaml"],
  [".hidden.yaml", "evals/my-own.yaml"],
  ["C:\\a.yaml", "evals/my-own.yaml"],
  ["a.txt", "evals/my-own.yaml"],
])("golden decisions given as %s become %s", (file, wanted) => {
  expect(placed({}, [suite(file, "My own!")]).evals[0]?.file).toBe(wanted);
});

test.each<[string, GivenFile, readonly GivenFile[], string]>([
  ["no YAML", { file: "a.yaml", text: "id: [" }, [], "a.yaml:1: not YAML"],
  ["two documents", { file: "a.yaml", text: "id: a\n---\nid: b\n" }, [], "a.yaml:2: not YAML: Source contains multiple documents"],
  ["a list", { file: "a.yaml", text: "- id\n" }, [], "a.yaml: expected an experience: a mapping with id, serves and channels"],
  ["nothing", { file: "a.yaml", text: "" }, [], "a.yaml: expected an experience"],
  ["golden decisions", suite("a.yaml", "x"), [], "a.yaml: id: is missing: expected an experience.*these are golden decisions"],
  ["an id that is a path", { file: "a.yaml", text: "id: ../../x\n" }, [], "a.yaml:1: id: expected a name of letters"],
  ["an id of 300 letters", { file: "a.yaml", text: `id: ${"a".repeat(300)}\n` }, [], "at most 200 of them"],
  ["a NUL", { file: "a.yaml", text: "id: a\n# \u0000\n" }, [], "a.yaml: the text holds a NUL character"],
  ["half a pair", { file: "a.yaml", text: "id: a\n# \ud800\n" }, [], "a.yaml: the text holds half of a surrogate pair"],
  ["too much", { file: "a.yaml", text: `id: a\n#${"x".repeat(128 * 1024)}` }, [], "a file that is proposed has at most 131072"],
  [
    "aliases that unfold without end",
    {
      file: "a.yaml",
      text: `id: a\nx0: &x0 [1,1,1,1,1,1,1,1,1]\n${[1, 2, 3, 4, 5, 6, 7]
        .map(
          (n) =>
            `x${n}: &x${n} [${Array(9)
              .fill(`*x${n - 1}`)
              .join(", ")}]`,
        )
        .join("\n")}\n`,
    },
    [],
    "a.yaml: not YAML: Excessive alias count",
  ],
  ["brackets without end", { file: "a.yaml", text: `id: a\nx: ${"[".repeat(50_000)}\n` }, [], "a.yaml.*: not YAML"],
  [
    "golden decisions without a name",
    EXPERIENCE,
    [{ file: "g.yaml", text: "cases: []\n" }],
    "g.yaml: name: is missing: expected golden decisions",
  ],
  ["golden decisions that are no YAML", EXPERIENCE, [{ file: "g.yaml", text: "name: [" }], "g.yaml:1: not YAML"],
  [
    "brackets without end in golden decisions",
    EXPERIENCE,
    [{ file: "g.yaml", text: `name: a\nx: ${"[".repeat(50_000)}\n` }],
    "g.yaml.*: not YAML",
  ],
  [
    "the same name twice",
    EXPERIENCE,
    [suite("g.yaml", "x"), suite("h.yaml", "x")],
    "h.yaml: name: g.yaml has golden decisions called x too",
  ],
  [
    "twenty-one files",
    EXPERIENCE,
    Array.from({ length: 21 }, (_, n) => suite(`g${n}.yaml`, `n${n}`)),
    "21 files of golden decisions; expected at most 20",
  ],
])("%s is refused", (_, experience, evals, message) => {
  expect(() => readProposal(experience, evals)).toThrow(
    expect.objectContaining({ code: "BAD_INPUT", message: expect.stringMatching(message) }),
  );
});
