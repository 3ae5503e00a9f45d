import { expect, test } from "vitest";
import { readArguments } from "./read-arguments.ts";

const read = (...words: readonly string[]) => readArguments(words).typed;

test("values are read by their kinds; a missing one is its default, or undefined", () => {
  expect(read("tasks", "done", "t-1", "--kind", "visit", "--live", "--data", "d")).toEqual({
    ...{ id: "t-1", kind: "visit", contacted: false, live: true, data: "d", by: undefined, note: undefined },
    ...{ workspace: undefined, json: false, quiet: false, debug: false, help: false },
  });
  expect(read("run", "w", "--until", "2026-06-20T00:00:00Z")).toMatchObject({ dir: "w", until: Date.UTC(2026, 5, 20), signals: undefined });
  expect(read("tasks", "list")).toMatchObject({ limit: 50, all: false });
  expect(read("tasks", "claim", "t-1", "--take-over")).toMatchObject({ takeOver: true });
  expect(read("dead", "revive", "a", "b")).toMatchObject({ ids: ["a", "b"], all: false });
  const asked = ["next", "--customer", "ann", "--channel", "web"];
  expect(read(...asked)).toMatchObject({ place: [], context: undefined });
  expect(read(...asked, "--place", "hero", "--place=banner")).toMatchObject({ place: ["hero", "banner"] });
  expect(read("policy", "evaluate", "-")).toMatchObject({ log: "-", confidence: 0.95 });
  expect(read("signal", "go", "--customer", "ann", "--data", '{"n":1}', "--url", "http://a.example/")).toMatchObject({
    ...{ type: "go", customer: "ann", data: { n: 1 }, url: "http://a.example" },
  });
});

test.each<[words: string, message: string]>([
  ["tasks list --limit 0", "--limit 0: expected a whole number from 1 to 100000"],
  ["tasks list --limit 2.5", "--limit 2.5: expected a whole number from 1 to 100000"],
  ["decisions list --limit 100001", "--limit 100001: expected a whole number from 1 to 100000"],
  ["worker --concurrency 65", "--concurrency 65: expected a whole number from 1 to 64"],
  ["eval --trials none", "--trials none: expected a whole number from 1 to 1000"],
  ["policy evaluate - --confidence 95", "--confidence 95: expected a number from 0.5 to 0.999"],
  ["serve --port 70000", "--port 70000: expected a port"],
  ["tasks done t-1 --kind letter", "--kind letter: expected call, chat, visit"],
  ["run --until yesterday", "--until yesterday: expected an ISO 8601 time with a zone, like 2026-06-20T00:00:00Z"],
  ["signal go --customer a --data {", "--data: "],
  ["signal go --customer a --data @/nowhere/x.json", "--data: cannot read /nowhere/x.json: no such file"],
  ["signal go", "signal needs --customer ID"],
  ["customers merge a", "customers merge needs --into ID"],
  ["tasks claim", "tasks claim needs ID; see: npx sentient tasks claim --help"],
  ["tasks claim a b", "tasks claim takes nothing called b; see: npx sentient tasks claim --help"],
  ["tasks claim a --takeover", "tasks claim has no option --takeover; did you mean --take-over?; see: npx sentient tasks claim --help"],
  ["tasks", "tasks needs a second word: tasks list, tasks claim, tasks return, tasks done"],
  ["tasks lsit", "no command tasks lsit; did you mean tasks list?; tasks needs one of: tasks list, tasks claim, tasks return, tasks done"],
  ["tasks list --limit -1", "--limit: expected a value; one that begins with a dash is typed --limit=-1"],
  ["tasks list --limit=-1", "--limit -1: expected a whole number from 1 to 100000"],
  ["tasks list --customer", "--customer: expected a value, as in --customer ID; see: npx sentient tasks list --help"],
  ["tasks list --limit", "--limit: expected a value, as in --limit N; see: npx sentient tasks list --help"],
  ["tasks list --json=yes", "--json takes no value; see: npx sentient tasks list --help"],
  ["--constructor tasks list", "tasks list has no option --constructor"],
  ["taks list", "no command taks; did you mean tasks?; see: npx sentient --help"],
])("%s is refused", (words, message) => {
  expect(() => read(...words.split(" "))).toThrow(
    expect.objectContaining({ code: "BAD_INPUT", message: expect.stringContaining(message) }),
  );
});

test("an empty number, path or id is refused, and the address of a server is not repeated", () => {
  expect(() => read("tasks", "list", "--limit", " ")).toThrow(/--limit {2}: expected a whole number/);
  expect(() => read("decisions", "list", "--data", "")).toThrow(/--data: expected a path, and it is empty/);
  expect(() => read("tasks", "list", "--customer", "")).toThrow(/--customer: expected an id, and it is empty/);
  expect(() => read("signal", "go", "--customer", "a", "--url", "ftp://u:secret@h")).toThrow(/^--url: expected (?!.*secret)/);
});

test("an empty argument is refused: as the beginning of an id it would name whatever there is one of", () => {
  expect(() => read("tasks", "done", "")).toThrow(/tasks done: an argument is empty/);
  expect(() => read("dead", "discard", "a", "")).toThrow(/dead discard: an argument is empty/);
});

test("global options may precede the command", () => {
  expect(read("--workspace", "w", "--json", "tasks", "list", "--all")).toMatchObject({ workspace: "w", json: true, all: true });
});
