#!/usr/bin/env node
// Prints help and version without loading anything else. A clone runs its sources; an installed package has no sources, only dist/.
import { existsSync, readFileSync } from "node:fs";

const isClone = existsSync(new URL("./main.ts", import.meta.url));
/** @type {typeof import("./help.js")} */
const { findCommand, helpFor, helpForAll } = await import(isClone ? "./help.js" : "../dist/cli/help.js");

const words = process.argv.slice(2);
const first = words[0];

/** @param {string} text */
function print(text) {
  // A reader that has read enough is no failure.
  process.stdout.on("error", (error) => process.exit("code" in error && error.code === "EPIPE" ? 0 : 1));
  process.stdout.write(`${text}\n`);
}

if (first === undefined || first === "help" || first === "--help" || first === "-h") {
  const asked = first === "help" ? findCommand(words.slice(1)) : undefined;
  print(asked ? helpFor(asked.command) : helpForAll());
} else if (words.includes("--help") || words.includes("-h")) {
  const asked = findCommand(words);
  print(asked ? helpFor(asked.command) : helpForAll());
} else if (first === "--version" || first === "-v") {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  print(version);
} else {
  if (isClone) await import("./typescript.js");
  /** @type {typeof import("./main.ts")} */
  const { main } = await import(isClone ? "./main.ts" : "../dist/cli/main.js");
  process.exitCode = await main(words);
}
