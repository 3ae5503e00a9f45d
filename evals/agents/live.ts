import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../../config/config.ts";
import { SentientError } from "../../domain/errors.ts";
import { SECOND } from "../../domain/values/time.ts";
import { createMemoryLedger } from "../../models/budget.ts";
import { type ModelSettings, modelOf, planModel } from "../../runtime/connect-model.ts";
import { runScript } from "../run-script.ts";
import { live, RULES } from "./contestants.ts";
import { faultsIn } from "./gate.ts";
import { type Measured, measure } from "./measure.ts";
import { type AgentReport, comparisonOf, markdownOf, reportOf, tableOf } from "./report.ts";
import { suitesFor } from "./suites.ts";

const USAGE = `Usage: OPENAI_BASE_URL=… OPENAI_MODEL=… npm run evals:live -- [--data DIR] [--only NAME] [--limit N] [--trials K] [--call-seconds S] [--baseline FILE] [--out DIR]

Puts the cases of evals:agents to the language model behind any OpenAI-compatible endpoint and writes what came of it, as JSON
and as a table, to evals/baselines/MODEL.json and .md. No part of any check: it takes a network, time and money.

  --data DIR          a folder with banking77, clinc150 and tau-retail, or one of them
  --only NAME         suites whose names begin so, like writing
  --limit N           at most N cases a suite, from everywhere in it
  --trials K          how often each case is tried (default: 1)
  --call-seconds S    the time limit of a request; a turn has five times that (default: the product's own 12 and 20)
  --baseline FILE     compares with an earlier report, side by side
  --out DIR           where the report goes (default: evals/baselines)

SENTIENT_RECORD and SENTIENT_REPLAY keep the calls and answer from what was kept. Exit status 3 where something got out unchecked.
`;

await runScript(run, USAGE);

async function run(words: readonly string[]): Promise<number> {
  const { data, only, limit, trials, baseline, out, settings } = optionsOf(words);
  const before = baseline === undefined ? undefined : (JSON.parse(readFileSync(baseline, "utf8")) as AgentReport); // written by us
  const { model: config } = readConfig(process.env);
  const connect = modelOf(settings, config, (why) => {
    throw new SentientError("BAD_CONFIG", why);
  });
  if (!connect) throw new SentientError("BAD_CONFIG", "no endpoint: set OPENAI_BASE_URL and OPENAI_MODEL");
  const model = await connect(createMemoryLedger());
  const askedBy = config.replay === undefined ? await howAsked(settings, config) : "nobody: a recording answered";
  await model.prepare?.();
  const suites = suitesFor(data, only);
  const about = { madeAt: new Date().toISOString(), model: model.name, askedBy, limit };
  const measured: Measured[] = [];
  for (const suite of suites) {
    // A new connection per suite: an endpoint that was too slow for one is asked again in the next.
    for (const one of [RULES, live(await connect(createMemoryLedger()))])
      measured.push(
        await measure(suite, one, {
          trials,
          limit,
          onTrial: ({ id }, { passed, because = "" }) => progress(suite.name, id, passed, because),
        }),
      );
    // Written after each suite, in case the run is interrupted.
    write(reportOf(about, suites, measured), out);
  }
  const report = reportOf(about, suites, measured);
  process.stdout.write(`${tableOf(measured).join("\n")}\n`);
  if (before) process.stdout.write(`\n${comparisonOf(before, report).join("\n")}\n`);
  const faults = faultsIn(measured.filter(({ kind }) => kind === "live"));
  const all = measured.filter(({ kind }) => kind === "live").reduce((sum, one) => sum + one.cases * one.trials, 0);
  const held = measured.filter(({ kind }) => kind === "live").reduce((sum, one) => sum + one.held, 0);
  process.stdout.write(`\n${[...faults, `live: ${held} of ${all} trials held with ${model.name}`].join("\n")}\n`);
  return faults.length > 0 ? 3 : 0;
}

function optionsOf(words: readonly string[]) {
  const option = { type: "string" } as const;
  const known = { data: option, only: option, limit: option, trials: option, baseline: option, out: option, "call-seconds": option };
  const { values } = parseArgs({ args: [...words], options: known });
  const whole = (name: keyof typeof values): number | undefined => {
    const given = values[name];
    if (given === undefined) return undefined;
    if (!/^[1-9]\d{0,5}$/.test(given)) throw new SentientError("BAD_INPUT", `--${name} ${given}: expected a whole number from 1`);
    return Number(given);
  };
  const seconds = whole("call-seconds");
  const limits = seconds === undefined ? {} : { limits: { call: seconds * SECOND, run: 5 * seconds * SECOND } };
  // A conversation may have many turns, each a run; their cost is reported, not limited.
  const settings = { budget: { perRunTokens: 1_000_000 }, ...limits } satisfies ModelSettings;
  return { ...values, limit: whole("limit"), trials: whole("trials") ?? 1, out: values.out ?? join("evals", "baselines"), settings };
}

async function howAsked(settings: ModelSettings, config: ReturnType<typeof readConfig>["model"]): Promise<string> {
  const plan = planModel(settings, config);
  if ("missing" in plan) throw new SentientError("BAD_CONFIG", plan.missing);
  const { prober } = await plan.connect(createMemoryLedger());
  const { dialect, formats } = await prober.examine(AbortSignal.timeout(10 * 60 * SECOND));
  const tried = Object.entries(formats).map(([format, works]) => `${format} ${works}`);
  return `${dialect?.format ?? "no way that works"} (${tried.join(", ")})`;
}

function write(report: AgentReport, dir: string): void {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, report.model.toLowerCase().replace(/[^a-z0-9.]+/g, "-"));
  writeFileSync(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${file}.md`, markdownOf(report));
}

function progress(suite: string, id: string, passed: boolean, because: string): void {
  process.stderr.write(`${passed ? "✓" : "·"} ${suite} ${id}${passed ? "" : `: ${because}`}\n`);
}
