import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

// What "sentient" exports is a promise: a name that disappears breaks somebody's program.

const VALUES = [
  "accepted",
  "ADDRESS_GONE",
  "badRequest",
  "createPost",
  "createReplayingModel",
  "createRuntime",
  "createScriptedModel",
  "defineChannel",
  "defineTool",
  "headerOf",
  "messageSignals",
  "OPTED_OUT",
  "outcomeUnknown",
  "parseRecording",
  "receiptSignals",
  "recordModel",
  "refused",
  "rejected",
  "SentientError",
];
const TYPES = [
  ...["Inbound", "News", "SendResult", "WebhookReading", "WebhookRequest"],
  ...["AnyTool", "CallIdentity", "Channel", "ChannelDeps", "Decision", "ErrorCode", "IngestResult", "Model", "OpenChannel"],
  ...[
    "Operations",
    "OutgoingMessage",
    "OutsideDeps",
    "Profile",
    "Question",
    "ReadTool",
    "RecordedCall",
    "RejectedSignal",
    "RecordingOptions",
  ],
  ...["RecordTool", "Runtime", "RuntimeOptions", "ScriptedAnswer", "ScriptedModel", "SignalEvent", "WriteTool"],
];

interface Exported {
  readonly name: string;
  /** What it is called where it is declared. */
  readonly declaredAs: string;
  readonly file: string;
}

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), "utf8");

const exported: readonly Exported[] = [...read("index.ts").matchAll(/export (?:type )?\{([^}]*)\} from "\.\/([^"]+)"/g)].flatMap(
  ([, names = "", file = ""]) =>
    names.split(",").flatMap((one) => {
      const [declaredAs = "", name = declaredAs] = one
        .trim()
        .replace(/^type /, "")
        .split(" as ");
      return declaredAs === "" ? [] : [{ name, declaredAs, file }];
    }),
);

test("every public name is exported, and no other", async () => {
  const byName = (a: string, b: string): number => a.localeCompare(b);
  expect(exported.map(({ name }) => name).sort(byName)).toEqual([...VALUES, ...TYPES].sort(byName));
  expect(Object.keys(await import("./index.ts")).sort(byName)).toEqual(VALUES.sort(byName));
});

test.each(exported)("$name has a docstring", ({ declaredAs, file }) => {
  const lines = read(file).split("\n");
  const at = lines.findIndex((line) => new RegExp(`^export (async )?(function|const|class|interface|type) ${declaredAs}\\b`).test(line));
  expect([at > 0, lines[at - 1]]).toEqual([true, expect.stringMatching(/\*\/$/)]);
});

test("every member of a public type has a docstring", () => {
  for (const { file } of exported.filter(({ name }) => name === "Runtime")) {
    const members = read(file)
      .split("\n")
      .map((line, index, all) => [line, all[index - 1]] as const);
    const undocumented = members.filter(([line, before = ""]) => /^ {2}(readonly \w+|\w+\(|\[Symbol)/.test(line) && !before.endsWith("*/"));
    expect(undocumented).toEqual([]);
  }
});

test("a tool that imports defineTool does not load the runtime", () => {
  const [imports = ""] = read("runtime/embed.ts").split("\n\n");
  expect(imports.split("\n").filter((line) => line.startsWith("import") && !line.startsWith("import type"))).toEqual([]);
});
