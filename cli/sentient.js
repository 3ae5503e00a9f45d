#!/usr/bin/env node
// Answers help without loading anything; everything else is in main.ts.
import { findCommand, helpFor, helpForAll } from "./usage.js";

const words = process.argv.slice(2);
const first = words[0];

if (first === undefined || first === "help" || first === "--help" || first === "-h") {
  const asked = first === "help" ? findCommand(words.slice(1)) : undefined;
  process.stdout.write(`${asked ? helpFor(asked.command) : helpForAll()}\n`);
} else if (words.includes("--help") || words.includes("-h")) {
  const asked = findCommand(words);
  process.stdout.write(`${asked ? helpFor(asked.command) : helpForAll()}\n`);
} else if (first === "--version" || first === "-v") {
  const { readFileSync } = await import("node:fs");
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  process.stdout.write(`${version}\n`);
} else {
  await import("./typescript.js");
  const { main } = await import("./main.ts");
  process.exitCode = await main(words);
}
