import { parseArgs } from "node:util";
import { errorCatalogue, SentientError } from "../domain/errors.ts";
import { unstorable } from "../domain/values/json.ts";
import { shown } from "../domain/values/shown.ts";
import { nearest } from "../workspace/problem.ts";
import type { Arguments, Command } from "./command.ts";
import { createIo } from "./io.ts";
import { commands, findCommand, globalOptions } from "./usage.js";

type Usage = (typeof commands)[number];

/** Loads only the file of the command that was typed. */
export const files: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  demo: () => import("./commands/demo.ts"),
  "approvals approve": () => import("./commands/approvals/approve.ts"),
  "approvals list": () => import("./commands/approvals/list.ts"),
  "approvals reject": () => import("./commands/approvals/reject.ts"),
  "audit list": () => import("./commands/audit/list.ts"),
  "customers erase": () => import("./commands/customers/erase.ts"),
  "customers export": () => import("./commands/customers/export.ts"),
  "customers import": () => import("./commands/customers/import.ts"),
  "customers lift": () => import("./commands/customers/lift.ts"),
  "customers merge": () => import("./commands/customers/merge.ts"),
  "customers show": () => import("./commands/customers/show.ts"),
  "customers split": () => import("./commands/customers/split.ts"),
  "decisions explain": () => import("./commands/decisions/explain.ts"),
  "decisions list": () => import("./commands/decisions/list.ts"),
  "decisions show": () => import("./commands/decisions/show.ts"),
  eval: () => import("./commands/eval.ts"),
  init: () => import("./commands/init.ts"),
  dev: () => import("./commands/dev.ts"),
  serve: () => import("./commands/serve.ts"),
  worker: () => import("./commands/worker.ts"),
  signal: () => import("./commands/signal.ts"),
  doctor: () => import("./commands/doctor.ts"),
  "policy evaluate": () => import("./commands/policy/evaluate.ts"),
  pause: () => import("./commands/pause.ts"),
  "pauses list": () => import("./commands/pauses/list.ts"),
  "promises kept": () => import("./commands/promises/kept.ts"),
  "promises list": () => import("./commands/promises/list.ts"),
  resume: () => import("./commands/resume.ts"),
  "runs retry": () => import("./commands/runs/retry.ts"),
  "dead list": () => import("./commands/dead/list.ts"),
  "dead revive": () => import("./commands/dead/revive.ts"),
  "dead discard": () => import("./commands/dead/discard.ts"),
  "tasks claim": () => import("./commands/tasks/claim.ts"),
  "tasks done": () => import("./commands/tasks/done.ts"),
  "tasks list": () => import("./commands/tasks/list.ts"),
  "runs list": () => import("./commands/runs/list.ts"),
  "runs show": () => import("./commands/runs/show.ts"),
  check: () => import("./commands/check.ts"),
  prepare: () => import("./commands/prepare.ts"),
  replay: () => import("./commands/replay.ts"),
  run: () => import("./commands/run.ts"),
};

/** Runs what was typed and gives back the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  const isDebug = words.includes("--debug");
  const stop = watchInterrupts();
  try {
    const { usage, args } = read(words);
    const load = files[usage.name];
    if (!load) throw new SentientError("BAD_INPUT", `no command ${usage.name}`);
    const io = createIo({ quiet: args.options.quiet === true, isStopped: stop.isStopped });
    const { command } = await load();
    return await command.run(args, io);
  } catch (error) {
    return tell(error, isDebug);
  } finally {
    stop.unwatch();
  }
}

// --- internal ---

function read(words: readonly string[]): { usage: Usage; args: Arguments } {
  const unread = words.findIndex((word) => unstorable(word, "") !== undefined || word.includes("\uFFFD"));
  if (unread >= 0) throw new SentientError("BAD_INPUT", `argument ${unread + 1} is not UTF-8 text, or holds a NUL character`);
  const found = findCommand(words.filter((word) => !word.startsWith("--")).length === words.length ? words : withoutLeadingOptions(words));
  if (!found) throw unknownCommand(words);
  const { command: usage, rest } = found;
  const options = { ...globalOptions, ...usage.options };
  const { values, positionals } = parse(rest, options, usage.name);
  const names = usage.positionals.split(" ").filter((word) => word !== "");
  const needed = names.filter((word) => !word.startsWith("["));
  const missing = needed[positionals.length];
  if (missing !== undefined) throw new SentientError("BAD_INPUT", `${usage.name} needs ${missing}; see: sentient ${usage.name} --help`);
  const takesMany = names.at(-1)?.includes("...") === true;
  const extra = positionals[names.length];
  if (extra !== undefined && !takesMany)
    throw new SentientError("BAD_INPUT", `${usage.name} takes nothing called ${extra}; see: sentient ${usage.name} --help`);
  return { usage, args: { positionals, options: values } };
}

/** Options may stand before the command; the words of the command are found behind them. */
function withoutLeadingOptions(words: readonly string[]): string[] {
  const start = words.findIndex((word, index) => !word.startsWith("--") && !takesValue(words[index - 1]));
  if (start < 0) return [...words];
  const name = findCommand(words.slice(start))?.command.name.split(" ").length ?? 1;
  return [...words.slice(start, start + name), ...words.slice(0, start), ...words.slice(start + name)];
}

const takesValue = (word: string | undefined): boolean => word !== undefined && globalOptions[word.replace(/^--/, "")]?.type === "string";

function parse(rest: readonly string[], options: Usage["options"], name: string): { values: Arguments["options"]; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...rest], options: withoutHelp(options), allowPositionals: true, strict: true });
    return { values: values as Arguments["options"], positionals };
  } catch (error) {
    const unknown = /Unknown option '--?([^']+)'/.exec((error as Error).message)?.[1];
    if (unknown === undefined) throw new SentientError("BAD_INPUT", `${(error as Error).message}; see: sentient ${name} --help`);
    const meant = nearest(unknown, Object.keys(options));
    throw new SentientError(
      "BAD_INPUT",
      `${name} has no option --${unknown}${meant === undefined ? "" : `; did you mean --${meant}?`}; see: sentient ${name} --help`,
    );
  }
}

type ParseOptions = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>["options"]>;

const withoutHelp = (options: Usage["options"]): ParseOptions =>
  Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
    ]),
  );

function unknownCommand(words: readonly string[]): SentientError {
  // What stands behind an option that is not known may be its value, and a secret.
  const option = words[0]?.startsWith("-") ? words.find((word) => word.startsWith("-") && !(nameOf(word) in globalOptions)) : undefined;
  if (option !== undefined) return new SentientError("BAD_INPUT", `expected a command before --${nameOf(option)}; see: sentient --help`);
  const typed = words.filter((word) => !word.startsWith("-")).slice(0, 2);
  const group = commands.filter(({ name }) => name.startsWith(`${typed[0]} `)).map(({ name }) => name);
  if (group.length > 0) return new SentientError("BAD_INPUT", `${typed[0]} needs a second word: ${group.join(", ")}`);
  const meant = nearest(typed[0] ?? "", [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))]);
  return new SentientError(
    "BAD_INPUT",
    `no command ${typed[0] ?? words[0] ?? ""}${meant === undefined ? "" : `; did you mean ${meant}?`}; see: sentient --help`,
  );
}

const nameOf = (option: string): string => option.replace(/^-+/, "").split("=", 1)[0] ?? "";

/** Says what went wrong and what to do about it; where it came from only when asked. */
function tell(error: unknown, isDebug: boolean): number {
  const known = error instanceof SentientError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const lines = known?.details.isList === true ? message.split("\n") : [message];
  const told = lines.map(shown).join("\n");
  process.stderr.write(`error: ${known ? told : `something unexpected happened: ${told}; --debug shows where`}\n`);
  if (isDebug && error instanceof Error)
    process.stderr.write(`${stackOf(error)}\n${error.cause instanceof Error ? `caused by: ${stackOf(error.cause)}\n` : ""}`);
  return known ? errorCatalogue[known.code].exitCode : 1;
}

/** Where an error came from; its message, which may repeat what others wrote, stays on one line. */
const stackOf = ({ stack = "", message }: Error): string =>
  stack
    .replace(message, () => shown(message))
    .split("\n")
    .map(shown)
    .join("\n");

/** The first Ctrl-C asks to stop after what is begun; the second ends the process. */
function watchInterrupts(): { isStopped: () => boolean; unwatch: () => void } {
  let stopped = false;
  const interrupt = () => {
    if (stopped) process.exit(130);
    stopped = true;
    process.stderr.write("\nstopping after what is begun; once more to stop at once\n");
    // Who waits for more input would wait for ever.
    process.stdin.destroy();
  };
  process.on("SIGINT", interrupt);
  return { isStopped: () => stopped, unwatch: () => process.off("SIGINT", interrupt) };
}
