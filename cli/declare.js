// Builders for command declarations. Plain JavaScript that loads no TypeScript, so that help prints without the TypeScript loader.

/** @type {import("./command.ts").Declare} */
export const command = (entry) => ({ words: {}, options: {}, ...entry });

/** @type {(shown: string) => import("./command.ts").Word<string>} */
export const one = (shown) => ({ shown, count: "one" });

/** @type {(shown: string) => import("./command.ts").Word<string | undefined>} */
export const maybe = (shown) => ({ shown: `[${shown}]`, count: "maybe" });

/** @type {(shown: string) => import("./command.ts").Word<readonly string[]>} */
export const many = (shown) => ({ shown: `[${shown}...]`, count: "many" });

/** @type {(help: string) => import("./command.ts").Option<boolean>} */
export const flag = (help) => ({ kind: "flag", help });

/** @type {(value: string, help: string) => import("./command.ts").Option<string | undefined>} */
export const text = (value, help) => ({ kind: "text", value, help });

/** A text that may be typed several times. @type {(value: string, help: string) => import("./command.ts").Option<readonly string[]>} */
export const texts = (value, help) => ({ kind: "texts", value, help, otherwise: [] });

/** The id of something. @type {(help: string) => import("./command.ts").Option<string | undefined>} */
export const id = (help) => ({ kind: "id", value: "ID", help });

/** A file or a folder. @type {(value: string, help: string) => import("./command.ts").Option<string | undefined>} */
export const path = (value, help) => ({ kind: "path", value, help });

/** The address of a server. @type {(help: string) => import("./command.ts").Option<string | undefined>} */
export const address = (help) => ({ kind: "address", value: "URL", help });

/** A JSON object, or `@` and a file with one. @type {(help: string) => import("./command.ts").Option<import("../domain/values/json.ts").Json | undefined>} */
export const json = (help) => ({ kind: "json", value: "JSON|@FILE", help });

/** An instant. @type {(help: string) => import("./command.ts").Option<import("../domain/values/time.ts").Instant | undefined>} */
export const time = (help) => ({ kind: "time", value: "TIME", help });

/**
 * A whole number.
 * @template {number | undefined} [T=undefined]
 * @param {string} value
 * @param {string} help
 * @param {{ least: number, most: number, otherwise?: T, expected?: string }} bounds
 * @returns {import("./command.ts").Option<number | T>}
 */
export const whole = (value, help, bounds) => ({ kind: "whole", value, help, ...bounds });

/** @type {(value: string, help: string, bounds: { least: number, most: number, otherwise: number }) => import("./command.ts").Option<number>} */
export const number = (value, help, bounds) => ({ kind: "number", value, help, ...bounds });

/** One of some words. @type {<const T extends string>(of: readonly T[], help: string) => import("./command.ts").Option<T | undefined>} */
export const choice = (of, help) => ({ kind: "choice", of, value: "KIND", help });

/**
 * A required option.
 * @template T
 * @param {import("./command.ts").Option<T | undefined>} option
 * @returns {import("./command.ts").Option<T>}
 */
export const needed = (option) => /** @type {import("./command.ts").Option<T>} */ ({ ...option, isNeeded: true });

/** @type {Readonly<Record<string, import("./command.ts").Option<unknown>>>} */
export const globalOptions = {
  workspace: path("DIR", "the workspace (default: the current folder)"),
  json: flag("one JSON value on standard output, or one a line for a stream"),
  quiet: flag("only results and errors"),
  debug: flag("show where an error came from"),
  help: { ...flag("this help"), short: "h" },
};

// Options of several commands.

/** The same folder as `--store`, under the name that it has with `signal`, where `--data` is what the signal says. */
export const data = { ...path("DIR", "folder of the embedded store, also typed --store (default: .sentient)"), also: "store" };
export const limit = whole("N", "at most this many (default: 50)", { least: 1, most: 100_000, otherwise: 50 });
export const customer = id("only of this customer");
export const actor = {
  by: text("NAME", "name of the operator, for the audit (default: the user of this machine)"),
  note: text("TEXT", "why, for the audit"),
};
export const all = flag("also ended ones");
export const live = flag("on a replayed store: send messages for real; without it they are only recorded");

/** The typed form of a name: `--take-over` for `takeOver`. @param {string} name */
export const typedAs = (name) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
