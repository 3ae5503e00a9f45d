import { parseArgs } from "node:util";
import { SentientError } from "../../domain/errors.ts";
import { runScript } from "../run-script.ts";
import { POPULATIONS, type PopulationName } from "./population.ts";
import { readPurchases } from "./purchases.ts";
import { judgePopulation, judgePurchases, resultLines } from "./report.ts";
import { judgeWholeHistory, wholeHistoryLines } from "./whole-history.ts";

const USAGE = `Usage: npm run evals:arrivals [-- --data FILE] [--paths N] [--customers N]

Judges how well what has come from customers tells what comes next: learns from the first part of a history, plays the rest several times,
and compares it with what came. On generated histories whose truth is known, each type of signal by itself and a whole history with answers
to deliveries, and on a file of purchases. Prints the tables; exit status 3 where a requirement fails.

  --data FILE      purchases with the columns customer_id and date (YYYYMMDD), as CDNOW's; 39 weeks are learned from, 39 foretold
  --paths N        futures that are played (default: 400)
  --customers N    customers of each generated history (default: 1000)
`;

const BELOW_REQUIREMENTS = 3;

/** A whole history has a dozen types and kinds: fewer plays of fewer customers tell as much. */
const MOST_PATHS = 40;
const MOST_CUSTOMERS = 400;

await runScript(run, USAGE);

async function run(words: readonly string[]): Promise<number> {
  const { data, help, ...options } = optionsOf(words);
  if (help) return say(USAGE);
  const purchases = data === undefined ? undefined : readPurchases(data);
  const judged = (Object.keys(POPULATIONS) as PopulationName[]).map((name) => {
    process.stderr.write(`${name} …\n`);
    return judgePopulation(name, options);
  });
  if (purchases) {
    process.stderr.write("purchases …\n");
    judged.push(judgePurchases(purchases, options));
  }
  process.stderr.write("a whole history …\n");
  const whole = await judgeWholeHistory({
    paths: Math.min(options.paths, MOST_PATHS),
    customers: Math.min(options.customers, MOST_CUSTOMERS),
  });
  say(`${[...resultLines(judged), "", ...wholeHistoryLines(whole)].join("\n")}\n`);
  return [...judged, whole].every(({ requirements }) => requirements.every(({ holds }) => holds)) ? 0 : BELOW_REQUIREMENTS;
}

function optionsOf(words: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { data: text, paths: text, customers: text, help: { type: "boolean", short: "h" } } as const;
  const read = () => {
    try {
      return parseArgs({ args: [...words], options, strict: true }).values;
    } catch (error) {
      throw new SentientError("BAD_INPUT", (error as Error).message);
    }
  };
  const { data, paths = "400", customers = "1000", help = false } = read();
  return { data, help, paths: countIn("--paths", paths, 10_000), customers: countIn("--customers", customers, 100_000) };
}

function countIn(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 20 && count <= most) return count;
  throw new SentientError("BAD_INPUT", `${option} ${text}: expected a whole number from 20 to ${most}`);
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}
