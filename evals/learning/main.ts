import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SentientError } from "../../domain/errors.ts";
import { seededRandom, shuffled } from "../../domain/values/random.ts";
import { runScript } from "../run-script.ts";
import { biasedLogs, crossCheck } from "./estimators.ts";
import { courseFigure, intervalFigure } from "./figure.ts";
import { ARMS, type Mailing, readMailings } from "./hillstrom-data.ts";
import { judgeLate, judgeLearned, judgeLearner, SEGMENTS } from "./learner.ts";
import { readCampaigns } from "./obd-data.ts";
import { type LearningReport, requirementsOf, resultLines } from "./report.ts";

const USAGE = `Usage: npm run evals:learning -- --data DIR [--test FILE] [--out DIR]

Judges the learner on Hillstrom's e-mail test and the estimators on it and on the Open Bandit Dataset, prints the results and
writes them with their figures into learning.md.

  --data DIR      a folder with hillstrom/hillstrom.csv, and obd/ where the estimators are to be judged on it
  --test FILE     customers in Hillstrom's format: the learner is judged on these, and what it learned from --data too
  --out DIR       where learning.md and the folder learning/ with its figures are (default: docs)
  --replays N     how often the test is replayed, in another order each time (default: 20)
`;

const BELOW_REQUIREMENTS = 3;
const BIASED_LOGS = 60;

await runScript(run);

function run(words: readonly string[]): number {
  const { data, test, out, replays, help } = optionsOf(words);
  if (help) return say(USAGE);
  const report = judge(data, test, replays);
  const folder = join(out, "learning");
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(figuresOf(report))) writeFileSync(join(folder, `${name}.svg`), svg);
  const text = resultLines(report, "learning").join("\n");
  writeResults(join(out, "learning.md"), text);
  say(`${text}\n\n`);
  const requirements = requirementsOf(report);
  say(`${requirements.filter(({ holds }) => holds).length} of ${requirements.length} requirements hold\n`);
  return requirements.every(({ holds }) => holds) ? 0 : BELOW_REQUIREMENTS;
}

function optionsOf(words: readonly string[]) {
  const text = { type: "string" } as const;
  const options = { data: text, test: text, out: text, replays: text, help: { type: "boolean", short: "h" } } as const;
  const read = () => {
    try {
      return parseArgs({ args: [...words], options, strict: true }).values;
    } catch (error) {
      throw new SentientError("BAD_INPUT", `${(error as Error).message}\n${USAGE}`);
    }
  };
  const { data, test, out = "docs", replays = "20", help = false } = read();
  if (!help && data === undefined && test === undefined) throw new SentientError("BAD_INPUT", `--data is missing\n${USAGE}`);
  const count = Number(replays);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new SentientError("BAD_INPUT", `--replays ${replays}: expected a whole number from 1 to 1000`);
  return { data, test, out, replays: count, help };
}

function judge(data: string | undefined, test: string | undefined, replays: number): LearningReport {
  const own = data === undefined ? undefined : mailingsIn(data);
  const unseen = test === undefined ? undefined : readMailings(test);
  const judged = unseen ?? own ?? [];
  note(`${judged.length} customers are replayed ${replays} times …`);
  const learner = judgeLearner(judged, replays);
  const [taught, others] = own && unseen ? [own, unseen] : halvesOf(judged);
  const named = own && unseen ? "the customers of the test file" : "the other half";
  const learned = { evaluation: judgeLearned(taught, others), named };
  note("the same with outcomes a week late …");
  const late = judgeLate(judged, replays);
  note("what an action is worth is estimated from biased logs …");
  const biased = biasedLogs(judged, BIASED_LOGS);
  note("the Open Bandit Dataset …");
  const campaigns = data === undefined ? [] : readCampaigns(join(data, "obd"));
  if (campaigns.length === 0) note("there is none: the estimators are judged on Hillstrom's alone");
  return { learner, late, learned, biased, checks: campaigns.flatMap(crossCheck) };
}

/** The data file in the folder, or the path itself. */
function mailingsIn(data: string): Mailing[] {
  const inside = join(data, "hillstrom.csv");
  return readMailings(existsSync(inside) ? inside : join(data, "hillstrom", "hillstrom.csv"));
}

function halvesOf(mailings: readonly Mailing[]): [Mailing[], Mailing[]] {
  const order = shuffled(mailings, seededRandom("halves"));
  const half = Math.floor(order.length / 2);
  return [order.slice(0, half), order.slice(half)];
}

function figuresOf({ learner, checks }: LearningReport): Readonly<Record<string, string>> {
  const references = [
    { name: "log", value: learner.log.value },
    ...ARMS.map((arm) => ({ name: `always ${arm.replace(" E-Mail", " mail")}`, value: learner.arms[arm].value })),
  ];
  const estimates = checks.map(({ name, truth, answer: { logged = truth, estimates: found } }) => ({
    name,
    dots: Object.entries({
      ...{ truth, "the log itself": logged },
      ...(found ? { IPS: found.ips, "self-normalised": found.snips, "doubly robust": found.dr } : {}),
    }).map(([dot, { value, low, high }]) => ({ name: dot, value, low, high })),
  }));
  return {
    "hillstrom-online": courseFigure({
      title: "Visits per decision in the course of a replay",
      xLabel: "decisions",
      name: `the learner: mean of ${learner.replays} replays, and where four fifths of them lie`,
      points: learner.course.map(({ decisions, mean, low, high }) => ({ x: decisions, mean, low, high })),
      references,
    }),
    "hillstrom-beliefs": intervalFigure({
      title: "Visits: believed at the end of a replay, and observed in the log",
      digits: 0,
      groups: SEGMENTS.flatMap(({ name }) =>
        learner.beliefs
          .filter(({ segment }) => segment === name)
          .map(({ arm, expected, low, high, observed: { value, error } }) => ({
            name: `${name}: ${arm}`,
            dots: [
              { name: "believed", value: expected, low, high },
              { name: "observed", value, low: value - error, high: value + error },
            ],
          })),
      ),
    }),
    ...(checks.length > 0
      ? { "obd-estimates": intervalFigure({ title: "Clicks per impression: estimated and true", digits: 1, groups: estimates }) }
      : {}),
  };
}

/** Replaces the results between two marks; the text around them stays. */
function writeResults(file: string, results: string): void {
  const [begin, end] = ["<!-- results -->", "<!-- end of results -->"];
  const text = existsSync(file) ? readFileSync(file, "utf8") : `# Learning\n\n${begin}\n${end}\n`;
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new SentientError("BAD_INPUT", `${file} has no place for results: expected ${begin} and ${end}`);
  writeFileSync(file, `${before}${begin}\n${results}\n${end}${after}`);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
