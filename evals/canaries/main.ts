import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SentientError } from "../../domain/errors.ts";
import { runScript } from "../run-script.ts";
import { holds, judgeGuards, resultLines } from "./report.ts";

const USAGE = `Usage: npm run evals:canaries [-- --out FILE] [--lives N]

Judges the guards of canaries on simulated lives: how often a harmless canary is stopped, and how many deliveries it takes to stop a harmful
one. Prints the tables; exit status 3 where more than 5 % of harmless lives are stopped.

  --out FILE    a Markdown file to write the tables into, between <!-- canaries --> and <!-- end of canaries -->
  --lives N     lives of each kind (default: 2000)
`;

const BELOW_REQUIREMENTS = 3;

await runScript(run);

function run(words: readonly string[]): number {
  const { out, lives, help } = optionsOf(words);
  if (help) return say(USAGE);
  const results = judgeGuards(lives, (name) => process.stderr.write(`${name} …\n`));
  const text = resultLines(results, lives).join("\n");
  say(`${text}\n`);
  if (out !== undefined) writeInto(out, text);
  return holds(results) ? 0 : BELOW_REQUIREMENTS;
}

function optionsOf(words: readonly string[]) {
  const options = { out: { type: "string" }, lives: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
  const read = () => {
    try {
      return parseArgs({ args: [...words], options, strict: true }).values;
    } catch (error) {
      throw new SentientError("BAD_INPUT", `${(error as Error).message}\n${USAGE}`);
    }
  };
  const { out, lives = "2000", help = false } = read();
  const count = Number(lives);
  if (!Number.isInteger(count) || count < 1 || count > 100_000)
    throw new SentientError("BAD_INPUT", `--lives ${lives}: expected a whole number from 1 to 100000`);
  return { out, lives: count, help };
}

function writeInto(file: string, text: string): void {
  const before = readFileSync(file, "utf8");
  const [start, end] = ["<!-- canaries -->", "<!-- end of canaries -->"].map((mark) => before.indexOf(mark));
  if (start === undefined || end === undefined || start < 0 || end < start)
    throw new SentientError("BAD_INPUT", `${file} has no place for the results: expected <!-- canaries --> and <!-- end of canaries -->`);
  writeFileSync(file, `${before.slice(0, start)}<!-- canaries -->\n${text}\n${before.slice(end)}`);
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
