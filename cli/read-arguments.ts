import { parseArgs } from "node:util";
import { bare, isServerAddress, SERVER_ADDRESS } from "../config/config.ts";
import { SentientError } from "../domain/errors.ts";
import { unstorable } from "../domain/values/json.ts";
import { nearest } from "../domain/values/nearest.ts";
import { parseInstant } from "../domain/values/time.ts";
import type { Common, Entry, Option } from "./command.ts";
import { commands } from "./commands/index.js";
import { globalOptions, typedAs } from "./declare.js";
import { findCommand } from "./help.js";
import { readJson } from "./json-option.ts";

/** A command with its arguments, read as its declaration says. */
export interface Read {
  readonly entry: Entry;
  readonly typed: Common;
}

/**
 * Finds the command that was typed and reads its arguments.
 *
 * @throws `BAD_INPUT` where there is no such command, or an argument is unknown, missing or not of its kind
 */
export function readArguments(words: readonly string[]): Read {
  const unread = words.findIndex((word) => unstorable(word, "") !== undefined || word.includes("\uFFFD"));
  if (unread >= 0) throw new SentientError("BAD_INPUT", `argument ${unread + 1} is not UTF-8 text, or holds a NUL character`);
  const found = findCommand(words.filter((word) => !word.startsWith("--")).length === words.length ? words : withoutLeadingOptions(words));
  if (!found) throw unknownCommand(words);
  const { command: entry, rest } = found;
  const { values, positionals } = parse(rest, entry);
  return { entry, typed: { ...readWords(positionals, entry), ...readOptions(values, entry) } as unknown as Common };
}

// --- internal ---

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

function readWords(positionals: readonly string[], { name, words }: Entry): Readonly<Record<string, unknown>> {
  const declared = Object.entries(words);
  const missing = declared.find(([, { count }], place) => count === "one" && positionals[place] === undefined);
  if (missing) throw new SentientError("BAD_INPUT", `${name} needs ${missing[1].shown}; see: npx sentient ${name} --help`);
  const extra = positionals[declared.length];
  if (extra !== undefined && declared.at(-1)?.[1].count !== "many")
    throw new SentientError("BAD_INPUT", `${name} takes nothing called ${extra}; see: npx sentient ${name} --help`);
  // Ids may be given by their beginnings, and every id begins with nothing: an unset variable of a shell would name one.
  if (positionals.includes("")) throw new SentientError("BAD_INPUT", `${name}: an argument is empty; see: npx sentient ${name} --help`);
  return Object.fromEntries(
    declared.map(([key, { count }], place) => [key, count === "many" ? positionals.slice(place) : positionals[place]]),
  );
}

function readOptions(values: Values, { name, options }: Entry): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries({ ...globalOptions, ...options }).map(([key, option]) => {
      const given = givenOf(typedAs(key), option, values);
      if (option.kind === "flag") return [key, given === true];
      if (option.kind === "texts") return [key, given ?? option.otherwise];
      if (typeof given === "string") return [key, readValue[option.kind](given, `--${typedAs(key)}`, option)];
      if (option.isNeeded) throw new SentientError("BAD_INPUT", `${name} needs --${typedAs(key)} ${option.value}`);
      return [key, option.otherwise];
    }),
  );
}

/** The value of an option, typed under either of its names. */
function givenOf(flag: string, { also }: Option<unknown>, values: Values): Values[string] {
  const other = also === undefined ? undefined : values[also];
  if (values[flag] !== undefined && other !== undefined && values[flag] !== other)
    throw new SentientError("BAD_INPUT", `--${flag} and --${also} are the same option, and name two values`);
  return values[flag] ?? other;
}

type Reader = (given: string, flag: string, option: Option<unknown>) => unknown;

const refused = (given: string, flag: string, expected: string): SentientError =>
  new SentientError("BAD_INPUT", `${flag} ${given}: expected ${expected}`);

const readNumber =
  (noun: string, fits: (count: number) => boolean): Reader =>
  (given, flag, { least = 0, most = Number.MAX_SAFE_INTEGER, expected = `${noun} from ${least} to ${most}` }) => {
    const count = given.trim() === "" ? Number.NaN : Number(given);
    if (fits(count) && count >= least && count <= most) return count;
    throw refused(given, flag, expected);
  };

const readValue: Readonly<Record<Exclude<Option<unknown>["kind"], "flag" | "texts">, Reader>> = {
  text: (given) => given,
  id(given, flag) {
    if (given !== "") return given;
    // An unset variable of a shell would list everybody's.
    throw new SentientError("BAD_INPUT", `${flag}: expected an id, and it is empty`);
  },
  path(given, flag) {
    if (given !== "") return given;
    throw new SentientError("BAD_INPUT", `${flag}: expected a path, and it is empty`);
  },
  whole: readNumber("a whole number", Number.isInteger),
  number: readNumber("a number", Number.isFinite),
  time(given, flag) {
    const instant = parseInstant(given);
    if (instant !== undefined) return instant;
    throw refused(given, flag, "an ISO 8601 time with a zone, like 2026-06-20T00:00:00Z");
  },
  choice(given, flag, { of = [] }) {
    if (of.includes(given)) return given;
    throw refused(given, flag, of.join(", "));
  },
  address(given, flag) {
    if (isServerAddress(given)) return bare(given);
    // It may hold a password, so it is not repeated.
    throw new SentientError("BAD_INPUT", `${flag}: expected ${SERVER_ADDRESS}`);
  },
  json: (given, flag) => readJson(given, flag),
};

/** Options may stand before the command; the words of the command are found behind them. */
function withoutLeadingOptions(words: readonly string[]): string[] {
  const start = words.findIndex((word, index) => !word.startsWith("--") && !takesValue(words[index - 1]));
  if (start < 0) return [...words];
  const name = findCommand(words.slice(start))?.command.name.split(" ").length ?? 1;
  return [...words.slice(start, start + name), ...words.slice(0, start), ...words.slice(start + name)];
}

const takesValue = (word: string | undefined): boolean => {
  const name = word?.replace(/^--/, "") ?? "";
  return Object.hasOwn(globalOptions, name) && globalOptions[name]?.kind !== "flag";
};

function parse(rest: readonly string[], { name, options }: Entry): { values: Values; positionals: string[] } {
  const known = Object.entries({ ...globalOptions, ...options }).flatMap(([key, option]) =>
    [typedAs(key), option.also].flatMap((flag) => (flag === undefined ? [] : [[flag, option] as const])),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: Object.fromEntries(
        known.map(([flag, { kind, short }]) => [
          flag,
          { type: kind === "flag" ? "boolean" : "string", multiple: kind === "texts", ...(short ? { short } : {}) },
        ]),
      ),
      allowPositionals: true,
      strict: true,
    });
    return { values: values as Values, positionals };
  } catch (error) {
    const unclear = flagIn(/Option '(?:-\w, )?--([^ ']+)[^']*' argument is ambiguous/, error);
    if (unclear !== undefined)
      throw new SentientError("BAD_INPUT", `--${unclear}: expected a value; one that begins with a dash is typed --${unclear}=-1`);
    const missing = flagIn(/Option '(?:-\w, )?--([^ ']+)[^']*' argument missing/, error);
    if (missing !== undefined) {
      const value = known.find(([flag]) => flag === missing)?.[1].value ?? "VALUE";
      throw new SentientError("BAD_INPUT", `--${missing}: expected a value, as in --${missing} ${value}; see: npx sentient ${name} --help`);
    }
    const unneeded = flagIn(/Option '(?:-\w, )?--([^ ']+)' does not take an argument/, error);
    if (unneeded !== undefined) throw new SentientError("BAD_INPUT", `--${unneeded} takes no value; see: npx sentient ${name} --help`);
    const unknown = flagIn(/Unknown option '--?([^']+)'/, error);
    if (unknown === undefined) throw new SentientError("BAD_INPUT", `${(error as Error).message}; see: npx sentient ${name} --help`);
    const meant = nearest(
      unknown,
      known.map(([flag]) => flag),
    );
    throw new SentientError(
      "BAD_INPUT",
      `${name} has no option --${unknown}${meant === undefined ? "" : `; did you mean --${meant}?`}; see: npx sentient ${name} --help`,
    );
  }
}

/** The option that a message of `parseArgs` names; its error codes do not tell these faults apart. */
const flagIn = (message: RegExp, error: unknown): string | undefined => message.exec((error as Error).message)?.[1];

function unknownCommand(words: readonly string[]): SentientError {
  // What stands behind an option that is not known may be its value, and a secret.
  const option = words[0]?.startsWith("-")
    ? words.find((word) => word.startsWith("-") && !Object.hasOwn(globalOptions, nameOf(word)))
    : undefined;
  if (option !== undefined)
    return new SentientError("BAD_INPUT", `expected a command before --${nameOf(option)}; see: npx sentient --help`);
  const typed = words.filter((word) => !word.startsWith("-")).slice(0, 2);
  const group = commands.filter(({ name }) => name.startsWith(`${typed[0]} `)).map(({ name }) => name);
  if (group.length > 0 && typed[1] !== undefined) {
    const near = nearest(typed.join(" "), group);
    return new SentientError(
      "BAD_INPUT",
      `no command ${typed.join(" ")}${near === undefined ? "" : `; did you mean ${near}?`}; ${typed[0]} needs one of: ${group.join(", ")}`,
    );
  }
  if (group.length > 0) return new SentientError("BAD_INPUT", `${typed[0]} needs a second word: ${group.join(", ")}`);
  const meant = nearest(typed[0] ?? "", [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))]);
  return new SentientError(
    "BAD_INPUT",
    `no command ${typed[0] ?? words[0] ?? ""}${meant === undefined ? "" : `; did you mean ${meant}?`}; see: npx sentient --help`,
  );
}

const nameOf = (option: string): string => option.replace(/^-+/, "").split("=", 1)[0] ?? "";
