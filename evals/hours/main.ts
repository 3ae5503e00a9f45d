import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SentientError } from "../../domain/errors.ts";
import { DAY } from "../../domain/values/time.ts";
import { runScript } from "../run-script.ts";
import { POPULATIONS, type PopulationName } from "./population.ts";
import { REQUIREMENTS, resultLines } from "./report.ts";
import { simulate } from "./simulate.ts";

const USAGE = `Usage: npm run evals:hours [-- --out FILE] [--customers N]

Judges learning.times on simulated customers whose habits are known: which share of the possible gain over sending at once it gets
after 2, 4 and 8 weeks, and what it costs where there is no habit. Prints the table; exit status 3 where a requirement fails.

  --out FILE       a Markdown file to write the table into, between <!-- hours --> and <!-- end of hours -->
  --customers N    customers of each population (default: 100)
`;

const BELOW_REQUIREMENTS = 3;

await runScript(run);

function run(words: readonly string[]): number {
  const { out, customers, help } = optionsOf(words);
  if (help) return say(USAGE);
  const options = { customers, weeks: 8, perWeek: 3, within: DAY };
  const judged = (Object.keys(POPULATIONS) as PopulationName[]).map((population) => {
    process.stderr.write(`${population} …\n`);
    return {
      exploring: simulate(population, { ...options, explores: true }),
      without: simulate(population, { ...options, explores: false }),
    };
  });
  const text = resultLines(judged, options).join("\n");
  say(`${text}\n`);
  if (out !== undefined) writeInto(out, text);
  return REQUIREMENTS.every(({ holds }) => holds(judged)) ? 0 : BELOW_REQUIREMENTS;
}

function optionsOf(words: readonly string[]) {
  const options = { out: { type: "string" }, customers: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
  const read = () => {
    try {
      return parseArgs({ args: [...words], options, strict: true }).values;
    } catch (error) {
      throw new SentientError("BAD_INPUT", `${(error as Error).message}\n${USAGE}`);
    }
  };
  const { out, customers = "100", help = false } = read();
  const count = Number(customers);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new SentientError("BAD_INPUT", `--customers ${customers}: expected a whole number from 1 to 10000`);
  return { out, customers: count, help };
}

function writeInto(file: string, text: string): void {
  const before = readFileSync(file, "utf8");
  const [start, end] = ["<!-- hours -->", "<!-- end of hours -->"].map((mark) => before.indexOf(mark));
  if (start === undefined || end === undefined || start < 0 || end < start)
    throw new SentientError("BAD_INPUT", `${file} has no place for the results: expected <!-- hours --> and <!-- end of hours -->`);
  writeFileSync(file, `${before.slice(0, start)}<!-- hours -->\n${text}\n${before.slice(end)}`);
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
