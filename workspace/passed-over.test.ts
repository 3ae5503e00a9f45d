import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { channelsOf } from "../runtime/load-channels.ts";
import { checkTexts } from "../testing/policy.ts";
import { checkFiles } from "./check-files.ts";
import { checkWorkspace } from "./load.ts";
import { nearlyRead, passedOver } from "./passed-over.ts";
import { describeProblem } from "./problem.ts";

const SETTINGS = "version: 1\nname: T\ntimezone: UTC\nchannels: {box: {kind: file}}\nmoments: {m: {on: go, expires: 30d}}\n";
const experience = (id: string) => `id: ${id}\nserves: [m]\nchannels: {box: {text: Hello}}\n`;
const filesOf = (files: Readonly<Record<string, string>>) =>
  new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));

test("friction: experiences are read whatever the case of their extension, and unused files are reported", () => {
  const files = filesOf({
    "sentient.yaml": SETTINGS,
    "experiences/first.yaml": experience("first"),
    "experiences/second.YAML": experience("second"),
    "experiences/third.yml": experience("third"),
    "experiences/fourth.Yml": experience("fourth"),
    "experiences/fifth.yaml.bak": experience("fifth"),
    "experiences/sixth.json": "{}",
  });
  const checked = checkFiles(files, { environment: {}, channels: channelsOf(), tools: [] });
  expect(checked).toMatchObject({
    ok: true,
    policy: { experiences: [{ id: "first" }, { id: "fourth" }, { id: "second" }, { id: "third" }] },
  });
  expect(checked.ok && checked.notes.map(describeProblem)).toEqual([
    "experiences/fifth.yaml.bak: is ignored; an experience is a file that ends in .yaml",
    "experiences/sixth.json: is ignored; an experience is a file that ends in .yaml",
  ]);
});

test("friction: problems in a file with an extension in capitals are reported like any others", () => {
  const files = filesOf({ "sentient.yaml": SETTINGS, "experiences/second.YAML": `${experience("second")}vallue: 3\n` });
  expect(checkFiles(files, { environment: {}, channels: channelsOf(), tools: [] })).toMatchObject({
    ok: false,
    problems: [{ file: "experiences/second.YAML", line: 4, path: "vallue" }],
  });
});

test("friction: unused templates and files of golden decisions are reported", () => {
  const files = filesOf({
    "experiences/a.yaml": "channels: {box: {template: used.mjml.liquid}}",
    "templates/used.mjml.liquid": "{% render 'part' %}",
    "templates/part.liquid": "x",
    "templates/unused.liquid": "x",
    "evals/story.YML": "signals: signals/lease.jsonl",
    "evals/signals/lease.jsonl": "",
    "evals/signals/other.jsonl": "",
  });
  expect(passedOver(files).map(describeProblem)).toEqual([
    "templates/unused.liquid: is ignored; no experience and no other template names it",
    "evals/signals/other.jsonl: is ignored; golden decisions are files that end in .yaml, and none of them names this one",
  ]);
});

test("friction: a folder or a file with nearly the right name is reported, unless the right one exists too", () => {
  expect(
    nearlyRead(["sentient.yaml", "Experiences", "template", "eval", "customer.jsonl", "README.md", "docs"]).map(describeProblem),
  ).toEqual([
    "Experiences: is ignored; did you mean experiences?",
    "template: is ignored; did you mean templates?",
    "eval: is ignored; did you mean evals?",
    "customer.jsonl: is ignored; did you mean customers.jsonl?",
  ]);
  expect(nearlyRead(["tools", "tool"])).toEqual([]);
});

test("friction: a name with two letters swapped is reported", () => {
  expect(nearlyRead(["evlas"]).map(describeProblem)).toEqual(["evlas: is ignored; did you mean evals?"]);
});

test("friction: ignored files are reported beside problems, which they may explain", () => {
  const dir = mkdtempSync(join(tmpdir(), "sentient-"));
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS.replace("kind: file", "kind: beeper"));
  mkdirSync(join(dir, "chanels"));
  const checked = checkWorkspace(dir, { environment: {}, channels: channelsOf(), tools: [] });
  rmSync(dir, { recursive: true });
  expect(checked).toMatchObject({ ok: false, notes: [{ file: "chanels", message: "is ignored; did you mean channels?" }] });
});

test("friction: code in a channel or tool folder that does not end in .ts is reported", () => {
  const files = filesOf({ "channels/beep.js": "", "tools/pay.mts": "", "channels/pager.ts": "", "channels/data.json": "{}" });
  expect(passedOver(files).map(describeProblem)).toEqual([
    "channels/beep.js: is ignored; a channel of your own is a file that ends in .ts",
    "tools/pay.mts: is ignored; a tool of your own is a file that ends in .ts",
  ]);
});

test("friction: merge keys fill in missing keys", () => {
  const checked = checkTexts("channels: {box: &box {kind: file}, desk: {<<: *box, address: none}}", [
    "channels:\n  box: &said {subject: Hello, text: Dear}\n  desk:\n    <<: *said\n    text: Sir",
  ]);
  const scope = { zone: "UTC", customer: {}, signal: {}, moment: {}, experience: {} };
  const routes = checked.ok ? checked.policy.experiences[0]?.routes : undefined;
  expect(routes?.map(({ content }) => content.render(scope as never))).toEqual([
    { subject: "Hello", text: "Dear" },
    { subject: "Hello", text: "Sir" },
  ]);
});

test("friction: an unknown key from a merge is reported with its path", () => {
  const checked = checkTexts("channels: {box: {kind: file}, desk: {kind: human}}", [
    "channels:\n  box: &said {text: Dear}\n  desk:\n    <<: *said\n    summary: Sir",
  ]);
  expect(checked).toMatchObject({ ok: false, problems: [{ file: "experiences/0.yaml", line: 3, path: "channels.desk" }] });
});

test.each([
  ["what is no map", "<<: 7"],
  ["a list that holds something else", "<<: [7]"],
])("friction: merging %s is reported", (_, line) => {
  expect(checkTexts("", [`value: 1\n${line}`])).toMatchObject({
    ok: false,
    problems: [{ file: "experiences/0.yaml", message: expect.stringContaining("Merge sources must be maps") }],
  });
});

test("friction: words of YAML 1.1 stay words", () => {
  const checked = checkTexts("", ["name: yes\nchannels: {box: {text: on}}"]);
  expect(checked).toMatchObject({ ok: true, policy: { experiences: [{ name: "yes" }] } });
});
