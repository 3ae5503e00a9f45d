// The text of help. Plain JavaScript, as the declarations are.
import { commands } from "./commands/index.js";
import { globalOptions, typedAs } from "./declare.js";

/** @returns {string} */
export function helpForAll() {
  const shown = commands.filter((command) => !command.hidden);
  const width = Math.max(...shown.map((command) => heading(command).length));
  const lines = shown.map((command) => `  ${heading(command).padEnd(width)}  ${command.summary}`);
  return [
    "sentient: decides, one customer at a time, the right experience at the right moment.",
    "",
    "Usage: sentient COMMAND [options]",
    "",
    ...lines,
    "",
    "Options of every command:",
    ...optionLines(globalOptions),
    "",
    "Details: npx sentient COMMAND --help. Start with: npx sentient demo",
  ].join("\n");
}

/**
 * @param {import("./command.ts").Entry} command
 * @returns {string}
 */
export function helpFor(command) {
  const own = Object.keys(command.options).length > 0 ? ["", "Options:", ...optionLines(command.options)] : [];
  return [
    `Usage: sentient ${heading(command)} [options]`,
    "",
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    ...(command.more === undefined ? [] : [command.more]),
    command.stays === undefined
      ? "With SENTIENT_URL (and a key in the environment) it goes to that server."
      : `It does not go to the server of SENTIENT_URL: ${command.stays}.`,
    ...own,
    "",
    "Options of every command:",
    ...optionLines(globalOptions),
  ].join("\n");
}

/**
 * The command at the start of the words, and the remaining words.
 * @param {readonly string[]} words
 * @returns {{ command: import("./command.ts").Entry, rest: string[] } | undefined}
 */
export function findCommand(words) {
  const named = commands.filter(({ name }) => name.split(" ").every((word, index) => words[index] === word));
  const command = named.sort((a, b) => b.name.length - a.name.length)[0];
  return command && { command, rest: words.slice(command.name.split(" ").length) };
}

/** @param {import("./command.ts").Entry} command */
const heading = ({ name, words }) => [name, ...Object.values(words).map(({ shown }) => shown)].join(" ");

/** @param {import("./command.ts").Entry["options"]} options */
function optionLines(options) {
  const entries = Object.entries(options).map(([name, { value, short, help }]) => ({
    flag: `${short ? `-${short}, ` : ""}--${typedAs(name)}${value ? ` ${value}` : ""}`,
    help,
  }));
  const width = Math.max(...entries.map(({ flag }) => flag.length));
  return entries.map(({ flag, help }) => `  ${flag.padEnd(width)}  ${help}`);
}
