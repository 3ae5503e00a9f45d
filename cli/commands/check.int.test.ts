import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { examineWorkspace } from "../../runtime/open-workspace.ts";
import { sentient, sentientHere } from "../../testing/command-line.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sentient-check-"));
  writeFileSync(join(dir, "sentient.yaml"), "version: 1\nname: Test\ndepartments: [sales]\n");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const place = (file: string): string => {
  mkdirSync(dirname(join(dir, file)), { recursive: true });
  return join(dir, file);
};
const fifo = (file: string) => void execFileSync("mkfifo", [place(file)]);
const linkTo = (target: string) => (file: string) => symlinkSync(target, place(file));

const PLACES = [
  "experiences/a.yaml",
  "templates/a.liquid",
  "templates/deep/a.liquid",
  "tools/a.ts",
  "channels/a.ts",
  "evals/a.yaml",
  "customers.jsonl",
  "signals.jsonl",
];

async function problemsWith(make: (file: string) => void, file: string): Promise<readonly { file: string; message: string }[]> {
  make(file);
  const { checked } = await examineWorkspace(dir, { environment: {} });
  return checked.ok ? [] : checked.problems;
}

test.each(PLACES)("weak: a pipe in the place of %s is an error and does not block", async (file) => {
  const problems = await problemsWith(fifo, file);
  expect(problems).toEqual([{ file, message: expect.stringContaining("is a pipe, a socket or a device") }]);
});

test.each([
  ["a device without an end", linkTo("/dev/zero"), "is a pipe, a socket or a device"],
  ["a link to nothing", linkTo("/nowhere/at/all"), "is a link to a file that is not there"],
  ["a link to a folder", linkTo("/tmp"), "is a link to a folder"],
])("weak: %s in the place of a file is an error", async (_what, make, message) => {
  for (const file of PLACES) expect(await problemsWith(make, file)).toContainEqual({ file, message: expect.stringContaining(message) });
});

test("weak: a socket in the place of a file is an error, and a link to a file is accepted", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(place("experiences/a.yaml"), resolve));
  expect(await problemsWith(() => {}, "experiences/a.yaml")).toMatchObject([{ message: expect.stringContaining("a socket") }]);
  await new Promise((resolve) => server.close(resolve));
  writeFileSync(join(dir, "real.yaml"), "version: 1\nname: Linked\ndepartments: [sales]\n");
  unlinkSync(join(dir, "sentient.yaml"));
  expect(await problemsWith(linkTo(join(dir, "real.yaml")), "sentient.yaml")).toEqual([]);
});

test("weak: a pipe in the place of sentient.yaml ends check with 2", async () => {
  unlinkSync(join(dir, "sentient.yaml"));
  fifo("sentient.yaml");
  const { code, out } = await sentient("check", dir);
  expect([code, out.join("\n")]).toEqual([2, expect.stringMatching(/sentient\.yaml.*is a pipe/)]);
});

test("weak: check names the code of the workspace before running it", async () => {
  writeFileSync(
    place("tools/a.ts"),
    `import { defineTool } from "sentient"; import { z } from "zod";
     process.stderr.write("here I am\\n");
     export const a = defineTool({ name: "a", description: "A", effect: "read", input: z.object({}), output: z.object({}), run: async () => ({}) });`,
  );
  const { code, err } = await sentient("check", dir, "--quiet");
  expect([code, err]).toEqual([0, expect.stringMatching(/running tools\/a\.ts.*\n(.*\n)*here I am/)]);
  rmSync(join(dir, "tools"), { recursive: true });
  expect((await sentient("check", dir)).err).not.toContain("running");
  expect((await sentient("check", "--help")).out.join("\n")).toMatch(/runs the code in the workspace's tools/);
});

test("weak: code of a workspace that ends the process does not pass check", async () => {
  writeFileSync(place("tools/a.ts"), "process.exit(0);");
  const { code, out, err } = await sentient("check", dir);
  expect([code, out, err]).toEqual([2, [], expect.stringMatching(/^error: tools\/a\.ts has ended the process while it was loaded/m)]);
});

test("weak: one workspace is checked, not the first of two", async () => {
  const { code, err } = await sentientHere("check", dir, "--workspace", tmpdir());
  expect([code, err]).toEqual([2, `error: two workspaces are named: ${dir} and --workspace ${tmpdir()}; name one\n`]);
  expect((await sentientHere("check", dir, "--workspace", dir)).code).toBe(0);
});

test("weak: signals may still be read from a named pipe", async () => {
  execFileSync("mkfifo", [join(dir, "stream")]);
  const signal = { specversion: "1.0", id: "s", source: "web", type: "go", subject: "ann", time: "2026-06-01T12:00:00Z" };
  const ran = sentient("run", dir, "--signals", join(dir, "stream"));
  writeFileSync(join(dir, "stream"), `${JSON.stringify(signal)}\n`);
  const { code, err } = await ran;
  expect([code, err]).toEqual([0, expect.stringContaining("1 signals")]);
});

const SETTINGS = "version: 1\nname: Test\nchannels: {box: {kind: file}}\nmoments:\n  m:\n    on: outage.startd\n    expires: 1d\n";
const EXPERIENCE = "id: e\nserves: [m]\nchannels:\n  box:\n    text: 'Dear {{ customer.nam }}'\n";
const signal = (id: string, more: object) => JSON.stringify({ specversion: "1.0", id, source: "net", subject: "ann", ...more });

function withData(): void {
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
  writeFileSync(place("experiences/e.yaml"), EXPERIENCE);
  writeFileSync(join(dir, "customers.jsonl"), '{"id":"ann","traits":{"name":"Ann"}}\n{"id":"bob"\n');
  const phoned = signal("3", { type: "human.touch", data: { kind: "phone" } });
  const stream = [signal("1", { type: "outage.started" }), signal("2", {}), signal("1", { type: "other" }), phoned];
  writeFileSync(join(dir, "signals.jsonl"), `${stream.join("\n")}\n`);
  writeFileSync(place("evals/more.jsonl"), "nothing\n");
  const suite = "name: s\ncases:\n  - {name: one, customers: more.jsonl, signals: [], expect: [{count: {max: 0}}]}\n";
  writeFileSync(place("evals/a.yaml"), suite);
}

test("W12: names that no data know and broken lines are notes, each with file and line, and exit 0", async () => {
  withData();
  const { code, out } = await sentient("check", dir);
  expect(code).toBe(0);
  expect(out.join("\n").split("\n").slice(1)).toEqual([
    "· sentient.yaml:6: moments.m.on: unknown signal type outage.startd; did you mean outage.started?",
    "· experiences/e.yaml:5: channels.box.text: unknown field customer.nam; did you mean customer.name?",
    expect.stringMatching(/^· customers\.jsonl:2: /),
    expect.stringMatching(/^· evals\/more\.jsonl:1: /),
    expect.stringMatching(/^· signals\.jsonl:2: type: expected type/),
    "· signals.jsonl:3: signal 1 of net came before with another body; the first is kept",
    expect.stringMatching(/^· signals\.jsonl:4: .*data\.kind.*visit, call or chat/),
  ]);
});

test("W12: --strict makes notes errors and exits 2; --json gives each finding its level", async () => {
  withData();
  const strict = await sentient("check", dir, "--strict");
  expect([strict.code, strict.out.join("\n")]).toEqual([
    2,
    expect.stringMatching(/^✗ sentient\.yaml:6: moments\.m\.on: unknown signal type/),
  ]);
  const parsed = async (...words: string[]) => JSON.parse((await sentient("check", dir, "--json", ...words)).out.join("\n"));
  const found = {
    file: "sentient.yaml",
    line: 6,
    path: "moments.m.on",
    message: "unknown signal type outage.startd; did you mean outage.started?",
  };
  expect(await parsed()).toMatchObject({ ok: true, notes: expect.arrayContaining([{ level: "note", ...found }]) });
  expect(await parsed("--strict")).toMatchObject({
    ok: false,
    problems: expect.arrayContaining([{ level: "error", ...found }]),
    notes: [],
  });
});

test("W12: a workspace without data has no notes on names, and what is right as it is stays a note under --strict", async () => {
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
  writeFileSync(place("experiences/e.yaml"), `${EXPERIENCE}judge: The customer is in a hurry.\n`);
  const { code, out } = await sentient("check", dir, "--strict");
  expect([code, out.join("\n").split("\n").slice(1)]).toEqual([
    0,
    ["· experiences/e.yaml:6: judge: there is no model in sentient.yaml, so it counts as fail"],
  ]);
});

test("W12: a broken record or signal that golden decisions write out is an error with its line", async () => {
  writeFileSync(join(dir, "sentient.yaml"), SETTINGS);
  const suite =
    "name: s\ncases:\n  - name: one\n    customers:\n      - {id: ann}\n      - {traits: {}}\n    signals:\n      - {id: 1, subject: ann}\n    expect: [{count: {max: 0}}]\n";
  writeFileSync(place("evals/a.yaml"), suite);
  const { code, out } = await sentient("check", dir);
  expect([code, out.join("\n").split("\n")]).toEqual([
    2,
    [
      expect.stringMatching(/evals\/a\.yaml:6: cases\.0\.customers\.1: id: /),
      expect.stringMatching(/evals\/a\.yaml:8: cases\.0\.signals\.0: type: /),
    ],
  ]);
});

const EXAMPLES = join(import.meta.dirname, "..", "..", "examples");

test.each(readdirSync(EXAMPLES))("W12: the example %s is clean under check --strict", async (name) => {
  const { code, out } = await sentient("check", join(EXAMPLES, name), "--strict");
  expect([
    code,
    out
      .join("\n")
      .split("\n")
      .filter((line) => line.startsWith("✗")),
  ]).toEqual([0, []]);
});
