import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { SentientError } from "../../domain/errors.ts";
import { runScript } from "../run-script.ts";
import { playFailures } from "./failures.ts";
import { GOALS } from "./goals.ts";
import { planRounds, unattacked } from "./plan.ts";
import { reportOf } from "./report.ts";
import { type AttackResult, playRounds } from "./rounds.ts";
import { TASKS } from "./tasks.ts";
import { USUAL_FOLDER, wordingsFor } from "./wordings.ts";

const USAGE = `Usage: npm run attacks -- [--data DIR] [--injections N] [--seed TEXT]

Lets a model that obeys every text attack a shop: twelve tasks, each with every injection beside it, by every way in; and an
endpoint that fails in every way for every agent that asks it. What counts is what providers got and what the rows say.

  --data DIR        public collections of injections (default: ../shared/data/prompt-injection beside the repository);
                    without them the orders are put in words of our own
  --injections N    how many injections each task meets (default: 50)
  --seed TEXT       chooses wordings, ways in and what the model tries (default: 1)
`;

const NOT_HELD = 1;

await runScript(run);

async function run(words: readonly string[]): Promise<number> {
  const { data, injections, seed, help } = optionsOf(words);
  if (help) return say(USAGE);
  const wordings = wordingsFor(injections, data, seed);
  say(`${TASKS.length} tasks, ${injections} injections, seed ${seed}\n`);
  say(existsSync(data) ? `wordings from ${data}\n\n` : `no collections in ${data}: wordings of our own\n\n`);
  const rounds = [unattacked(), ...planRounds(wordings, GOALS, seed)];
  let played = 0;
  const results = await playRounds(rounds, {
    ...{ goals: GOALS, seed },
    onRound: () => progress(`round ${++played} of ${rounds.length}`),
  });
  const failures = await playFailures({ onResult: ({ failure, agent }) => progress(`${failure.name}, ${agent}`) });
  progress("");
  const isAttack = ({ injection }: AttackResult): boolean => injection !== undefined;
  const report = { unattacked: results.filter((one) => !isAttack(one)), attacks: results.filter(isAttack), failures };
  const { text, holds } = reportOf(report);
  say(text);
  return holds ? 0 : NOT_HELD;
}

function optionsOf(words: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { data: text, injections: text, seed: text, help: { type: "boolean", short: "h" } } as const;
  const read = () => {
    try {
      return parseArgs({ args: [...words], options, strict: true }).values;
    } catch (error) {
      throw new SentientError("BAD_INPUT", `${(error as Error).message}\n${USAGE}`);
    }
  };
  const { data = USUAL_FOLDER, injections = "50", seed = "1", help = false } = read();
  const count = Number(injections);
  if (!Number.isInteger(count) || count < 1)
    throw new SentientError("BAD_INPUT", `--injections ${injections}: expected a whole number from 1`);
  return { data, injections: count, seed, help };
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

/** On a terminal, overwrites one progress line. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
