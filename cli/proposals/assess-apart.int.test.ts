import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inOrder } from "../../workspace/versions/version-files.ts";
import { assessingApart } from "./assess-apart.ts";

const dir = mkdtempSync(join(tmpdir(), "sentient-apart-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const FILES: Readonly<Record<string, string>> = {
  "sentient.yaml":
    "version: 1\nname: Shop\ntimezone: UTC\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: go, expires: 1d}}\ngovernance: {consent: {box: opt_out}}\n",
  "experiences/hello.yaml": "id: hello\nserves: [m]\nchannels: {box: {text: Hi}}\n",
};
const SUITE = (data: string) => `name: hello\ncases:\n  - name: says hello\n    ${data}expect: [{action: deliver, experience: hello}]\n`;
const files = (more: Readonly<Record<string, string>> = {}) =>
  inOrder(Object.entries({ ...FILES, ...more }).map(([name, text]) => [name, Buffer.from(text)]));
const environment = { PATH: process.env.PATH, HOME: process.env.HOME, SENTIENT_OPERATOR_KEYS: "secret-of-the-server" };

beforeAll(() => {
  mkdirSync(join(dir, "data"));
  writeFileSync(
    join(dir, "signals.jsonl"),
    '{"specversion":"1.0","source":"web","type":"go","id":"1","subject":"ann","time":"2026-06-01T10:00:00Z"}\n',
  );
  writeFileSync(join(dir, "data", "notes.txt"), "password of the bank\n");
});

test("a version is checked in a process of its own: golden decisions on the data of the folder, other files out of reach", async () => {
  const assess = assessingApart({ dir, environment });
  const [passed, outside] = await Promise.all([
    assess(files({ "evals/a.yaml": SUITE("") })),
    assess(
      files({ "evals/a.yaml": SUITE("signals: ../../../../etc/passwd\n    "), "evals/b.yaml": SUITE("customers: data/notes.txt\n    ") }),
    ),
  ]);
  expect(passed).toMatchObject({
    problems: [],
    golden: [{ name: "hello", file: "evals/a.yaml", passed: true, cases: [{ passed: true }] }],
  });
  const refused = (file: string, name: string) => ({
    ...{ file, line: 4, message: `${name}: expected a file of this workspace that ends in .jsonl` },
  });
  expect(outside).toMatchObject({
    golden: [],
    problems: [refused("evals/a.yaml", "../../../../etc/passwd"), refused("evals/b.yaml", "data/notes.txt")],
  });
});

test("code that the folder does not have, one that takes too long, and one that needs too much memory", async () => {
  const assess = assessingApart({ dir, environment });
  await expect(assess(files({ "tools/ring.ts": "export const ring = 1;\n" }))).rejects.toMatchObject({ code: "NOT_READY" });
  await expect(assessingApart({ dir, environment, limitMs: 1 })(files())).rejects.toMatchObject({
    code: "BAD_INPUT",
    message: expect.stringContaining("take longer than"),
  });
  // It says so before a trace of any length.
  await expect(assessingApart({ dir, environment, memoryMb: 8 })(files())).rejects.toMatchObject({
    code: "TOO_LARGE",
    message: expect.stringContaining("need more memory than 8 MB"),
  });
});

test("what waits is bounded", async () => {
  const assess = assessingApart({ dir: join(dir, "none"), environment, limitMs: 1 });
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => assess(files())));
  const codes = answers.map((one) => (one.status === "rejected" ? (one.reason as { code?: string }).code : "done"));
  expect(codes.filter((code) => code === "OVERLOADED")).toHaveLength(2);
});
