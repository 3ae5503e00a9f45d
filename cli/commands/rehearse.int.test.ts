import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import { openStore } from "../../runtime/open-store.ts";
import { runTyped, type TypedOptions } from "../../testing/typed/typed-command.ts";
import { DONE, FAILED, INTERRUPTED } from "../command.ts";
import { createPaint, type Io } from "../io.ts";

const root = mkdtempSync(join(tmpdir(), "sentient-rehearse-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const LEARNING = "{explore: none, features: [customer.segment]}";
const SETTINGS =
  "version: 1\nname: Shop\ntimezone: UTC\ndepartments: [sales]\nchannels: {box: {kind: file, address: none}}\nmoments: {m: {on: visited, expires: 3d}}\nlearning: {explore: none, features: [customer.segment]}\n";
const HELLO = "id: hello\nstatus: approved\ndepartment: sales\nserves: [m]\nvalue: 10\nchannels: {box: {text: Hello}}\n";

/** A workspace in which customers visit every few days, and get a greeting: at most so many a week. */
function workspace(name: string, { perWeek = 9, settings = "", signals = 30, experience = HELLO, learning = LEARNING } = {}): string {
  const dir = join(root, name);
  mkdirSync(join(dir, "experiences"), { recursive: true });
  writeFileSync(
    join(dir, "sentient.yaml"),
    `${SETTINGS.replace(LEARNING, learning)}governance: {consent: {box: opt_out}, caps: [{id: weekly, max: ${perWeek}, window: 7d}]}\n${settings}`,
  );
  writeFileSync(join(dir, "experiences", "hello.yaml"), experience);
  const people = ["ann", "bob", "cid"].map((id, n) => JSON.stringify({ id, traits: { segment: n === 0 ? "gold" : "tin" } }));
  writeFileSync(join(dir, "customers.jsonl"), `${people.join("\n")}\n`);
  const visits = Array.from({ length: signals }, (_, n) => {
    const time = new Date(Date.UTC(2026, 0, 1) + n * 20 * 3_600_000).toISOString();
    return JSON.stringify({
      specversion: "1.0",
      source: "web",
      id: `${n}`,
      type: "visited",
      subject: ["ann", "bob", "cid"][n % 3],
      time,
      data: {},
    });
  });
  writeFileSync(join(dir, "signals.jsonl"), visits.map((line) => `${line}\n`).join(""));
  return dir;
}

const quietly = (out: (text: string) => void = () => {}): Io => ({
  ...{ out, note: () => {}, warn: () => {}, progress: () => {}, environment: {}, isStopped: () => false },
  ...{ paint: createPaint(false), stdin: Readable.from([]), columns: 80, isTerminal: false, now: Date.now },
});

/** Fills a store with what a workspace decides on its stream. */
const fill = (dir: string, data: string): Promise<number> => runTyped("run", [dir], { data, quiet: true }, quietly());

interface Typed {
  readonly status: number;
  readonly out: string;
  readonly told: string;
  readonly progress: readonly string[];
}

async function rehearse(words: readonly string[], options: TypedOptions = {}, stopAfter = Number.POSITIVE_INFINITY): Promise<Typed> {
  const [out, told, progress]: [string[], string[], string[]] = [[], [], []];
  let looks = 0;
  const io: Io = {
    out: (text) => void out.push(text),
    note: (text) => void told.push(text),
    warn: (text) => void told.push(text),
    progress: (text) => void progress.push(text),
    paint: createPaint(false),
    stdin: Readable.from([]),
    environment: {},
    columns: 100,
    isTerminal: false,
    now: Date.now,
    isStopped: () => looks++ > stopAfter,
  };
  const status = await runTyped("rehearse", words, { paths: "2", days: "10", ...options }, io);
  return { status, out: out.join("\n"), told: told.join("\n"), progress };
}

const resultOf = ({ out }: Omit<Typed, "progress">): RehearsalResult => JSON.parse(out) as RehearsalResult;

let twice = "";
let once = "";
beforeAll(() => {
  twice = workspace("twice");
  once = workspace("once", { perWeek: 1 });
});

describe("a rehearsal of files", () => {
  test("as JSON: three parts by name, marked as simulated, the same for the same seed", async () => {
    const typed = await rehearse([once], { against: twice, json: true });
    const result = resultOf(typed);
    expect(typed.status).toBe(DONE);
    expect(result).toMatchObject({ simulated: true, seed: "sentient", days: 10, customers: 3, paths: 2, from: "2026-01-25T04:00:00Z" });
    expect(Object.keys(result.recorded)).toEqual(["wakes", "different", "matrix", "against", "with"]);
    expect(Object.keys(result.recorded.with)).toEqual(["deliveries", "byExperience", "byChannel", "byDepartment", "silences"]);
    expect(Object.keys(result.forward.difference)).toEqual([
      ...["deliveries", "byExperience", "byChannel", "byDepartment", "silences", "deferred"],
      ...["contactsPerCustomerWeek", "tasks", "successes", "value", "nothing"],
    ]);
    expect(result.recorded.with.deliveries).toBeLessThan(result.recorded.against.deliveries);
    expect(result.forward.difference.deliveries.mean).toBeLessThan(0);
    expect(result.forward.notModelled.length).toBeGreaterThan(3);
    expect(result.value).toEqual({ refused: [expect.stringMatching(/^none of its decisions was drawn/)] });
    expect((await rehearse([once], { against: twice, json: true })).out).toBe(typed.out);
    expect((await rehearse([once], { against: twice, json: true, seed: "other" })).out).not.toBe(typed.out);
  });

  test("without --against a folder is compared with itself: nothing differs", async () => {
    const { recorded, forward } = resultOf(await rehearse([twice], { json: true, paths: "1" }));
    expect([recorded.different, forward.difference.deliveries]).toEqual([0, { mean: 0, low: 0, high: 0 }]);
  });

  test("results are told apart by a field, and the last part of the record is foretold", async () => {
    const { out, progress } = await rehearse([once], { against: twice, by: "segment", backtest: "30%" });
    expect(out).toMatch(/\n {2}tin 2 customers\n[\s\S]*\n {2}gold 1 customer\n/);
    expect(out).toMatch(/\nBacktest \(simulated\)\n\n {2}\d of \d intervals? holds?/);
    expect(progress).toEqual(expect.arrayContaining(["backtest: 1 of 2 plays", "backtest: 2 of 2 plays"]));
  });

  test("a sample is said to be one", async () => {
    const { out, told } = await rehearse([twice], { customers: "2", paths: "1" });
    expect(told).toContain("a sample of 2 of 3 customers is rehearsed");
    expect(out).toContain("a sample of 2 of 3 customers");
  });

  test("other moments, channels and departments than the other's work, and are told", async () => {
    const other = workspace("other", { experience: HELLO.replace("box:", "post:").replace("[m]", "[n]") });
    writeFileSync(
      join(other, "sentient.yaml"),
      SETTINGS.replace("box:", "post:").replace("m:", "n:").replace("[sales]", "[sales, care]").replace("kind: file", "kind: file"),
    );
    const { status, told, out } = await rehearse([other], { against: twice, json: true });
    expect(status).toBe(DONE);
    for (const line of ["only against: moments m", "only with: moments n", "only with: channels post", "only with: departments care"])
      expect(told).toContain(line);
    expect(resultOf({ status, told, out }).forward.with.byChannel).toHaveProperty("post");
  });

  test("the report is one page without scripts, and its figures are those of the command", async () => {
    const report = join(root, "report");
    const { out, told } = await rehearse([once], { against: twice, report, json: true });
    expect(told).toContain(`report.json and report.html are in ${report}`);
    expect(JSON.parse(readFileSync(join(report, "report.json"), "utf8"))).toEqual(JSON.parse(out));
    expect(readFileSync(join(report, "report.html"), "utf8")).toMatch(/^<!doctype html>(?![\s\S]*<script)/);
  });

  test("a report that cannot be written is told once the result is printed", async () => {
    const report = join(root, "full");
    mkdirSync(join(report, "report.html.part"), { recursive: true });
    const { status, out, told } = await rehearse([twice], { report, json: true, paths: "1" });
    expect([status, resultOf({ status, out, told }).simulated]).toEqual([FAILED, true]);
    expect(told).toContain(`the report cannot be written to ${report}`);
    expect(existsSync(join(report, "report.json"))).toBe(false);
  });

  test("an interrupt tells what is done, and prints what the paths that are done came to", async () => {
    const early = await rehearse([twice], {}, 1);
    expect([early.status, early.out, early.told]).toEqual([INTERRUPTED, "", "stopped; done is nothing: the files were being played"]);
  });
});

describe("bad input", () => {
  test.each<[string, TypedOptions, RegExp]>([
    ["no days", { days: "0" }, /--days 0: expected a whole number from 1 to 366/],
    ["paths that are no number", { paths: "x" }, /--paths x: expected a whole number from 1 to 1000/],
    ["a field that nobody has", { by: "tier" }, /--by tier: no customer has this field/],
    ["a backtest of everything", { backtest: "1" }, /--backtest 1: expected a share above 0 and below 1/],
    ["a policy that is nowhere", { against: "nowhere" }, /--against nowhere: expected a folder, or a version of the store/],
    ["a version without a store", { against: "0123456789ab" }, /no store with versions is given/],
    ["a store that is not there", { data: join(tmpdir(), "no-such-store") }, /no store in/],
  ])("%s", async (_name, options, message) => {
    await expect(rehearse([twice], options)).rejects.toThrow(message);
  });

  test("a folder without signals", async () => {
    await expect(rehearse([workspace("silent", { signals: 0 })])).rejects.toThrow(/nothing to rehearse from/);
  });
});

describe("a rehearsal of a store", () => {
  let data = "";
  beforeAll(async () => {
    data = join(root, "data");
    await fill(twice, data);
  });

  const rowsOf = async (): Promise<string> => {
    const store = await openStore({ dataDir: data, now: Date.now });
    try {
      const { rows: tables } = await store.database.pool.query<{ name: string }>(
        "select tablename as name from pg_tables where schemaname = current_schema() order by 1",
      );
      const all: string[] = [];
      for (const { name } of tables) {
        const { rows } = await store.database.pool.query(`select coalesce(json_agg(t order by t::text), '[]') as rows from "${name}" t`);
        all.push(`${name} ${JSON.stringify(rows)}`);
      }
      return all.join("\n");
    } finally {
      await store.close();
    }
  };

  test("comes to what one of its files comes to, and writes nothing", async () => {
    const before = await rowsOf();
    const stored = resultOf(await rehearse([once], { against: twice, data, json: true }));
    expect(await rowsOf()).toBe(before);
    const { recorded, forward } = resultOf(await rehearse([once], { against: twice, json: true }));
    expect(stored.recorded).toEqual(recorded);
    expect(stored.forward.against.deliveries).toEqual(forward.against.deliveries);
  });

  test("what the log is worth is what policy evaluate says of the store, and of its files", async () => {
    const drawn = (name: string, value: number): string =>
      workspace(name, {
        experience: `${HELLO.replace("value: 10", `value: ${value}`).replace("{box: {text: Hello}}", "{box: {variants: {a: {text: A}, b: {text: B}}}}")}success: {signal: visited, within: 3d}\n`,
        learning: "{explore: thompson, features: []}",
      });
    const [log, other] = [drawn("drawn", 10), drawn("worth-more", 20)];
    const place = join(root, "drawn-data");
    await fill(log, place);
    const { value } = resultOf(await rehearse([other], { against: log, data: place, json: true, paths: "1" }));
    const ofFiles = resultOf(await rehearse([other], { against: log, json: true, paths: "1" })).value;
    expect(value).toEqual(ofFiles);
    const out: string[] = [];
    await runTyped(
      "policy evaluate",
      [],
      { data: place, policy: "uniform", json: true },
      quietly((text) => out.push(text)),
    );
    const { logged, decisions } = JSON.parse(out.join("")) as { readonly logged: unknown; readonly decisions: number };
    expect(value).toMatchObject({ logged, decisions });
    // The variants of one message compete by what was learned of them alone, so that its value makes no difference.
    expect(value).toMatchObject({ estimates: { ips: { gain: { value: expect.closeTo(0, 6) } } } });
  });

  test("against another version than the one in force, what is not played of it is named", async () => {
    const place = join(root, "published-data");
    await fill(twice, place);
    await runTyped("publish", [twice], { data: place, by: "ann" }, quietly());
    const notModelled = async (against: string): Promise<readonly string[]> =>
      resultOf(await rehearse([once], { against, data: place, json: true, paths: "1", days: "1" })).forward.notModelled;
    expect((await notModelled(twice)).join()).not.toContain("in force");
    expect((await notModelled(once))[0]).toMatch(/^What putting version \w{12}, which is compared with, in force would change at once/);
  });

  test("a version that the store does not have, or an empty store, is told", async () => {
    await expect(rehearse([once], { against: "0123456789ab", data })).rejects.toThrow(/no version 0123456789ab in the store/);
    const empty = join(root, "empty");
    await (await openStore({ dataDir: empty, now: Date.now })).close();
    await expect(rehearse([once], { data: empty })).rejects.toThrow(/no signal is recorded in the store/);
  });

  test("the version in force, or one by its beginning; who was merged is played as one, and who was erased is not played", async () => {
    const type = (name: string, words: readonly string[], options: TypedOptions): Promise<number> =>
      runTyped(name, words, { data, quiet: true, ...options }, quietly());
    expect(await type("publish", [twice], { "no-evals": true })).toBe(DONE);
    const against = resultOf(await rehearse([once], { data, json: true, paths: "1" })).policies.against;
    const named = resultOf(await rehearse([once], { data, against: against.slice(0, 8), json: true, paths: "1" }));
    expect([named.policies.against, named.customers, named.forward.difference.deliveries.mean < 0]).toEqual([against, 3, true]);
    expect(await type("customers merge", ["bob"], { into: "cid" })).toBe(DONE);
    expect(resultOf(await rehearse([once], { data, json: true, paths: "1" })).customers).toBe(2);
    expect(await type("customers erase", ["ann"], { yes: true })).toBe(DONE);
    const left = await rehearse([once], { data, by: "segment", json: true, paths: "1" });
    expect([resultOf(left).customers, resultOf(left).forward.groups?.map(({ name }) => name)]).toEqual([1, ["tin"]]);
    expect(left.out).not.toContain('"ann"');
    expect(await type("customers erase", ["bob"], { yes: true })).toBe(DONE);
    await expect(rehearse([once], { data })).rejects.toThrow(/no signal is recorded in the store/);
  });
});
