import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { SentientError } from "../../domain/errors.ts";
import { runScript } from "../run-script.ts";
import { RIGHT, RULES, WRONG } from "./contestants.ts";
import { faultsIn } from "./gate.ts";
import { type Measured, measure } from "./measure.ts";
import { type AgentReport, comparisonOf, reportOf, tableOf } from "./report.ts";
import { suitesFor } from "./suites.ts";

const USAGE = `Usage: npm run evals:agents -- [--data DIR] [--only NAME] [--trials K] [--out FILE] [--baseline FILE]

Puts labelled cases to the four agents that may ask a language model: with rules and statistics alone, with a scripted model
that answers right, and with one that answers what it must not. Asks nobody over a network; the same each time.

  --data DIR        a folder with banking77, clinc150 and tau-retail, or one of them (without it: the suites of our own)
  --only NAME       suites whose names begin so, like conversation
  --trials K        how often each case is tried (default: 2)
  --out FILE        writes the report as JSON
  --baseline FILE   compares with an earlier report, side by side

Exit status 3 where a suite is below its gate.
`;

await runScript(run, USAGE);

async function run(words: readonly string[]): Promise<number> {
  const { data, only, trials, out, baseline } = optionsOf(words);
  const before = baseline === undefined ? undefined : (JSON.parse(readFileSync(baseline, "utf8")) as AgentReport); // written by us
  const suites = suitesFor(data, only);
  const measured: Measured[] = [];
  for (const suite of suites) for (const one of [RULES, RIGHT, WRONG]) measured.push(await measure(suite, one, { trials }));
  const report = reportOf({ madeAt: new Date().toISOString(), model: "scripted" }, suites, measured);
  say(...tableOf(measured), "");
  for (const { name, measures } of suites) say(`${name}: rules: ${measures.rules}. Right: ${measures.right}. Wrong: ${measures.wrong}.`);
  if (data === undefined) say("", "Without --data: BANKING77, CLINC150 and tau-bench's retail domain were not looked at.");
  if (before) say("", ...comparisonOf(before, report));
  if (out !== undefined) {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
  }
  const faults = faultsIn(measured);
  const held = measured.reduce((sum, one) => sum + one.held, 0);
  const all = measured.reduce((sum, one) => sum + one.cases * one.trials, 0);
  say("", ...faults, `agents: ${held} of ${all} trials held, ${measured.length - faults.length} of ${measured.length} rows in their gates`);
  return faults.length > 0 ? 3 : 0;
}

function optionsOf(words: readonly string[]) {
  const option = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...words],
    options: { data: option, only: option, trials: option, out: option, baseline: option },
  });
  const trials = Number(values.trials ?? "2");
  if (!Number.isInteger(trials) || trials < 1)
    throw new SentientError("BAD_INPUT", `--trials ${values.trials}: expected a whole number from 1`);
  return { ...values, trials };
}

function say(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}
