import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Ended, sentientHere, startSentient } from "../../testing/command-line.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-values-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Printed {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const printed = ({ code, out, err }: Ended): Printed => ({ status: code, stdout: out.join("\n"), stderr: err });
const sentient = async (words: readonly string[]): Promise<Printed> => printed(await sentientHere(...words));

/** The same in a separate process: with standard input, or with arguments passed by the system. */
async function started(words: readonly string[], input: string | Buffer = ""): Promise<Printed> {
  const running = startSentient(words);
  running.stdin.end(input);
  return printed(await running.ended);
}

const FILES: Readonly<Record<string, string | Buffer>> = {
  "sentient.yaml": "version: 1\nname: Values\nmoments: {m: {on: go, expires: 1d}}\nchannels: {box: {kind: file}}\n",
  "experiences/hello.yaml": 'id: hello\nserves: [m]\nchannels: {box: {text: "Hello {{ customer.name }}"}}\n',
};

let count = 0;
function workspace(files: Readonly<Record<string, string | Buffer>>): string {
  const dir = join(root, `w${count++}`);
  for (const [file, text] of Object.entries({ ...FILES, ...files })) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }
  return dir;
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const signal = (id: string, more = "") =>
  `{"specversion":"1.0","id":"${id}","source":"t","type":"go","subject":"c-${id}","time":"2026-06-01T15:00:00Z"${more}}\n`;
const customer = (id: string, name = "Ann") => `{"id":"c-${id}","traits":{"name":"${name}"}}\n`;
const textsOf = (stdout: string): (string | undefined)[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { deliveries: { content: { text: string } }[] }).deliveries[0]?.content.text);
const run = (dir: string, ...more: string[]) => sentient(["run", dir, "--json", ...more]);

describe("replayed files", () => {
  test("F9: a record in ISO 8859-1 is refused with file and line, and no message uses a broken name", async () => {
    const dir = workspace({
      "customers.jsonl": Buffer.concat([Buffer.from(customer("1", "Jürgen")), latin1(customer("2", "Jürgen"))]),
      "signals.jsonl": signal("1") + signal("2"),
    });
    const { status, stdout, stderr } = await run(dir);
    expect(status).toBe(1);
    expect(stderr).toContain("customers.jsonl:2: is not UTF-8");
    expect(textsOf(stdout)).toEqual(["Hello Jürgen", undefined]);
  });

  test.each<[string, Buffer, RegExp]>([
    ["ISO 8859-1", latin1(signal("1", ',"data":{"name":"Jürgen"}')), /signals\.jsonl:1: is not UTF-8/],
    ["UTF-16", Buffer.from(`\uFEFF${signal("1")}${signal("2")}`, "utf16le"), /signals\.jsonl:1: is UTF-16, expected UTF-8/],
    ["UTF-16 without a mark", Buffer.from(signal("1"), "utf16le"), /signals\.jsonl:1: is UTF-16, expected UTF-8/],
    [
      "a JSON array",
      Buffer.from(`[\n${signal("1").trim()},\n${signal("2")}]\n`),
      /signals\.jsonl:1: is a JSON array; expected one JSON object a line/,
    ],
  ])("friction: signals in %s are reported as such, once", async (_, bytes, problem) => {
    const { status, stderr, stdout } = await run(workspace({ "signals.jsonl": bytes }));
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(problem);
    expect(stderr.match(/✗/g)).toHaveLength(1);
  });

  test("F9: standard input is checked like a file", async () => {
    const dir = workspace({ "customers.jsonl": customer("1") });
    const { status, stdout, stderr } = await started(
      ["run", dir, "--json", "--signals", "-"],
      Buffer.concat([latin1(signal("9", ',"data":{"name":"Jürgen"}')), Buffer.from(signal("1"))]),
    );
    expect([status, textsOf(stdout)]).toEqual([1, ["Hello Ann"]]);
    expect(stderr).toContain("standard input:1: is not UTF-8");
  });

  test("F4: ids keep every digit in files, and other numbers of that size are refused with line and path", async () => {
    const dir = workspace({
      "customers.jsonl":
        '{"id":1524831183200260097,"traits":{"name":"Ann"}}\n{"id":1524831183200260098,"traits":{"name":"Bob"}}\n{"id":"x","traits":{"n":[9007199254740993]}}\n',
      "signals.jsonl": `${signal("1").replace('"c-1"', "1524831183200260097")}${signal("2").replace('"c-2"', "1524831183200260098")}${signal("3", ',"data":{"order":1524831183200260097}')}`,
    });
    const { status, stdout, stderr } = await run(dir);
    expect([status, textsOf(stdout)]).toEqual([1, ["Hello Ann", "Hello Bob"]]);
    expect(stderr).toContain("customers.jsonl:3: traits.n.0 is 9007199254740993");
    expect(stderr).toContain("signals.jsonl:3: data.order is 1524831183200260097");
  });

  test("B8: the first hundred invalid lines are reported, and the others counted", async () => {
    const dir = workspace({
      "customers.jsonl": "{}\n".repeat(150) + customer("1"),
      "signals.jsonl": `${"nothing\n".repeat(230)}${signal("1")}`,
    });
    const { status, stdout, stderr } = await run(dir);
    expect([status, textsOf(stdout)]).toEqual([1, ["Hello Ann"]]);
    expect(stderr.match(/✗ customers\.jsonl:\d+:/g)).toHaveLength(100);
    expect(stderr).toContain("customers.jsonl: 50 more lines cannot be used");
    expect(stderr.match(/✗ signals\.jsonl:\d+:/g)).toHaveLength(100);
    expect(stderr).toContain("signals.jsonl: 130 more lines cannot be used");
  });

  test("weak: a line of 600 MB is an error for that line, without a stack trace", async () => {
    const dir = workspace({ "customers.jsonl": customer("1"), "signals.jsonl": signal("1") });
    for (const file of ["customers.jsonl", "signals.jsonl"]) truncateSync(join(dir, file), 600 * 1024 * 1024);
    const { status, stdout, stderr } = await started(["run", dir, "--json"]);
    expect([status, textsOf(stdout)]).toEqual([1, ["Hello Ann"]]);
    expect(stderr).toMatch(/customers\.jsonl:2: 6291\d+ bytes, at most 1048576 are taken/);
    expect(stderr).toMatch(/signals\.jsonl:2: 6291\d+ bytes, at most 32768 are taken/);
    expect(stderr).not.toMatch(/\n\s+at |node:internal/);
  });
});

describe("files of a workspace", () => {
  const suite = (line: string) => `name: s\ncases:\n  - name: c\n    customers: []\n${line}    expect: [{count: {max: 1}}]\n`;
  test.each<[string, Record<string, string | Buffer>, RegExp]>([
    [
      "F9: sentient.yaml",
      { "sentient.yaml": latin1(`${FILES["sentient.yaml"]}timezone: Europe/Berlin # für alle\n`) },
      /sentient\.yaml:5: is not UTF-8/,
    ],
    [
      "F9: an experience",
      { "experiences/hello.yaml": latin1("id: hello\nname: Grüße\nserves: [m]\nchannels: {box: {text: x}}\n") },
      /experiences\/hello\.yaml:2: is not UTF-8/,
    ],
    [
      "F9: an experience in UTF-16",
      { "experiences/hello.yaml": Buffer.from("\uFEFFid: hello\n", "utf16le") },
      /experiences\/hello\.yaml:1: is UTF-16/,
    ],
    ["F9: a template", { "templates/a.liquid": latin1("Hallo\nJürgen\n") }, /templates\/a\.liquid:2: is not UTF-8/],
    ["F9: a tool", { "tools/a.ts": latin1("// für alle\n") }, /tools\/a\.ts:1: is not UTF-8/],
    ["F9: golden decisions", { "evals/a.yaml": latin1(suite("    # für alle\n")) }, /evals\/a\.yaml:5: is not UTF-8/],
    [
      "weak: NUL in an experience",
      { "experiences/hello.yaml": 'id: hello\nserves: [m]\nchannels:\n  box:\n    text: "a\\0b"\n' },
      /experiences\/hello\.yaml:5: channels\.box\.text: .*NUL character/,
    ],
    [
      "weak: half a surrogate pair",
      { "sentient.yaml": `${FILES["sentient.yaml"]}brand: {voice: "\\uD800"}\n` },
      /sentient\.yaml:5: brand\.voice: .*surrogate/,
    ],
    ["weak: NUL in a template", { "templates/a.liquid": "Hello\na\u0000b\n" }, /templates\/a\.liquid:2: holds a NUL character/],
    [
      "weak: NUL in golden decisions",
      { "evals/a.yaml": suite('    signals: [{id: x, type: go, subject: "a\\0"}]\n') },
      /evals\/a\.yaml:5: cases\.0\.signals\.0\.subject: .*NUL character/,
    ],
    [
      "F4: a long number in an experience",
      {
        "experiences/hello.yaml": `${FILES["experiences/hello.yaml"]}action:\n  tool: open_case\n  input: {subject: s, order: 1524831183200260097}\n`,
      },
      /experiences\/hello\.yaml:6: action\.input\.order: .*1524831183200260097/,
    ],
    [
      "F4: a long number in golden decisions",
      { "evals/a.yaml": suite("    signals: [{id: 1, type: go, subject: 1524831183200260097, data: {n: 1524831183200260098}}]\n") },
      /evals\/a\.yaml:5: cases\.0\.signals\.0\.data\.n: .*1524831183200260098/,
    ],
  ])("%s: check reports file and line", async (_, files, problem) => {
    const { status, stdout } = await sentient(["check", workspace(files)]);
    expect([status, stdout]).toEqual([2, expect.stringMatching(problem)]);
    expect(stdout).not.toMatch(/subject: 1524831183200260097/);
  });

  test("F4: ids of golden decisions keep every digit", async () => {
    const dir = workspace({
      "evals/a.yaml": `name: s
cases:
  - name: c
    customers: [{id: 1524831183200260097, traits: {name: Ann}}, {id: 1524831183200260098, traits: {name: Bob}}]
    signals: [{id: 1, type: go, subject: 1524831183200260098, time: "2026-06-01T15:00:00Z"}]
    expect: [{action: deliver, customer: "1524831183200260098", says: Bob}]
`,
    });
    const { status, stderr, stdout } = await sentient(["eval", "--workspace", dir]);
    expect([status, stderr + stdout]).toEqual([0, expect.any(String)]);
  });
});

describe("files given to commands", () => {
  const file = (name: string, bytes: string | Buffer): string => {
    const path = join(root, name);
    writeFileSync(path, bytes);
    return path;
  };

  test("friction: --data @FILE is read with a byte order mark, and refused with file and line if it is not UTF-8", async () => {
    const send = (path: string) => sentient(["signal", "go", "--customer", "c", "--data", `@${path}`, "--url", "http://127.0.0.1:1"]);
    expect((await send(file("bom.json", '\uFEFF{"a":1}'))).stderr).not.toMatch(/JSON/);
    expect(await send(file("latin1.json", latin1('{"a":\n"Jürgen"}')))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/latin1\.json:2: is not UTF-8/),
    });
    expect(await send(file("utf16.json", Buffer.from('{"a":1}', "utf16le")))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/is UTF-16/),
    });
    expect(await send(file("long.json", '{"a":9007199254740993}'))).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/a is 9007199254740993/),
    });
  });

  test("F9: the log of policy evaluate", async () => {
    const row = '{"context":{"name":"Jürgen"},"action":"a","probability":0.5,"reward":1}\n';
    expect(await sentient(["policy", "evaluate", file("log.jsonl", Buffer.concat([Buffer.from(row), latin1(row)]))])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/log\.jsonl:2: is not UTF-8/),
    });
    const { stderr } = await sentient(["policy", "evaluate", file("array.jsonl", `[${row.trim()}]`)]);
    expect(stderr).toMatch(/array\.jsonl:1: is a JSON array/);
  });

  test("F9: a baseline, and recorded calls", async () => {
    const dir = workspace({ "evals/a.yaml": "name: s\ncases: [{name: c, signals: [], customers: [], expect: [{count: {max: 1}}]}]\n" });
    expect(
      await sentient(["eval", "--workspace", dir, "--baseline", file("baseline.json", latin1('{\n"madeAt":"Jürgen"}'))]),
    ).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/baseline\.json:2: is not UTF-8/),
    });
  });

  test("F9: an import by file", async () => {
    const dir = workspace({ "signals.jsonl": signal("1") });
    await run(dir, "--data", join(root, "store"));
    const bytes = Buffer.concat([Buffer.from(customer("1")), latin1(customer("2", "Jürgen"))]);
    const { status, stdout, stderr } = await sentient([
      "customers",
      "import",
      file("c.jsonl", bytes),
      "--workspace",
      dir,
      "--data",
      join(root, "store"),
      "--json",
    ]);
    expect([status, JSON.parse(stdout)]).toMatchObject([1, { imported: 1, problems: [{ line: 2 }] }]);
    expect(stderr).toMatch(/c\.jsonl:2: is not UTF-8/);
  });

  test("B14: an argument that is not UTF-8", async () => {
    expect(await started(["customers", "show", "J\uFFFDrgen"])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/argument 3 is not UTF-8/),
    });
  });
});
