import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Ended, sentientHere as sentient } from "../../testing/command-line.ts";

/** Colours, an erased line, a forged line, a window title, C1 controls, and right-to-left text. */
const HOSTILE = "x\u001b[31m\u001b[2K\r\nFORGED approved\u001b]0;t\u0007\u009b2J\u0085FORGED\u202eFORGED";
const root = mkdtempSync(join(tmpdir(), "sentient-hostile-"));
const data = join(root, "data");
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const signal = (id: string, type: string, given: object, subject = HOSTILE) =>
  JSON.stringify({
    specversion: "1.0",
    id: `${HOSTILE}${id}`,
    source: HOSTILE,
    type,
    subject,
    time: `2026-06-01T10:00:0${id}Z`,
    data: given,
  });

function writeWorkspace(dir: string, experiences: Readonly<Record<string, string>>): void {
  mkdirSync(join(dir, "experiences"), { recursive: true });
  const settings = {
    ...{ version: 1, name: HOSTILE, timezone: "UTC", departments: ["sales"] },
    channels: { box: { kind: "file" }, desk: { kind: "human", queue: HOSTILE } },
    moments: { m: { on: "go", expires: "30d" }, c: { on: "call", expires: "30d" } },
    governance: { approval: [{ when: "experience.value > 100", reason: HOSTILE }] },
  };
  writeFileSync(join(dir, "sentient.yaml"), JSON.stringify(settings));
  for (const [name, text] of Object.entries(experiences)) writeFileSync(join(dir, "experiences", name), text);
  writeFileSync(
    join(dir, "customers.jsonl"),
    JSON.stringify({ id: HOSTILE, traits: { name: HOSTILE, timezone: HOSTILE }, source: HOSTILE }),
  );
  const signals = [
    signal("1", "go", { text: HOSTILE }),
    signal("2", "call", { traits: { name: HOSTILE } }, `${HOSTILE}2`),
    signal("3", "promise.opened", { promise: HOSTILE, owner: HOSTILE, due: "2d" }),
  ];
  writeFileSync(join(dir, "signals.jsonl"), [...signals, `{"${HOSTILE.slice(0, 4)}`].join("\n"));
}

const workspace = join(root, "workspace");
const EXPERIENCES = {
  "big.yaml": "id: big\nserves: [m]\nvalue: 500\nchannels: {box: {text: 'Dear {{ customer.name }}'}}\n",
  "desk.yaml": 'id: desk\nserves: [c]\nchannels: {desk: {summary: "Call {{ customer.name }}", dueIn: 1h}}\n',
};

/** Terminal output contains the intended lines, and nothing that a terminal would interpret. */
function expectTame({ out, err }: Ended): void {
  const lines = [...out, ...err.split("\n")];
  expect(lines.join("\n")).not.toMatch(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
  expect(lines.filter((line) => line.trimStart().startsWith("FORGED"))).toEqual([]);
}

let ran: Ended;
beforeAll(async () => {
  vi.stubEnv("DATABASE_URL", "");
  vi.stubEnv("REDIS_URL", "");
  // Each command attaches listeners to its terminal for the lifetime of its process.
  process.stdout.setMaxListeners(100);
  writeWorkspace(workspace, EXPERIENCES);
  ran = await sentient("run", workspace, "--data", data);
  await sentient("pause", "--channel", "box", "--data", data, "--by", HOSTILE, "--note", HOSTILE);
});

const idOf = async (list: string, field: string): Promise<string> => {
  const { out } = await sentient(list, "list", "--data", data, "--json");
  return JSON.parse(out[0] ?? "{}")[field];
};

test("B5: output of a run", () => {
  expectTame(ran);
  expect([...ran.out, ran.err].join()).toContain("FORGED");
});

describe.each(["text", "--json"])("B5: lists and pages, as %s", (how) => {
  const asked = how === "--json" ? [how] : [];
  test.each(["decisions", "runs", "tasks", "approvals", "promises", "audit", "pauses"])("B5: %s list", async (what) => {
    const ended = await sentient(what, "list", "--data", data, ...asked);
    expectTame(ended);
    expect(ended.code).toBe(0);
    const told = ended.out.join("\n");
    expect(told).toContain("FORGED");
    if (asked.length > 0)
      for (const line of ended.out) expect(JSON.stringify(JSON.parse(line))).toContain(JSON.stringify(HOSTILE).slice(1, -1));
  });

  test.each([
    ["decisions", "show", "decisionId"],
    ["decisions", "explain", "decisionId"],
    ["runs", "show", "runId"],
  ])("B5: %s %s", async (what, word, field) => {
    const ended = await sentient(what, word, await idOf(what, field), "--data", data, ...asked);
    expectTame(ended);
    expect(ended.code).toBe(0);
    expect(ended.out.join("\n")).toContain("FORGED");
  });

  test.each(["show", "export"])("B5: customers %s", async (word) => {
    const ended = await sentient("customers", word, HOSTILE, "--data", data, ...asked);
    expectTame(ended);
    expect(ended.code).toBe(0);
    expect(ended.out.join("\n")).toContain("FORGED");
  });
});

test.each([
  ["an id that nobody has", ["decisions", "show", HOSTILE]],
  ["the same, with where it came from", ["decisions", "show", HOSTILE, "--debug"]],
  ["a command that nobody knows", [HOSTILE]],
  ["an option that nobody knows", ["check", `--${HOSTILE}`]],
  ["a folder that is not there", ["check", join(root, HOSTILE)]],
])("B5: %s is printed on one line", async (_, words) => {
  const ended = await sentient(...words, ...(words.includes("show") ? ["--data", data] : []));
  expectTame(ended);
  expect(ended.code).not.toBe(0);
});

test("B5: problems of a workspace are one line each", async () => {
  const wrong = join(root, "wrong");
  writeWorkspace(wrong, { "a.yaml": JSON.stringify({ id: "a", serves: [HOSTILE], [HOSTILE]: 1, channels: { box: { text: "x" } } }) });
  for (const ended of [await sentient("check", wrong), await sentient("run", wrong)]) {
    expectTame(ended);
    expect(ended.code).toBe(2);
    expect([...ended.out, ended.err].join()).toContain("FORGED");
  }
});
