import { parseArgs } from "node:util";
import type { TextVectors } from "../../domain/entities/policy.ts";
import { SentientError } from "../../domain/errors.ts";
import { runScript } from "../run-script.ts";
import { type Dataset, datasetsIn, readDataset } from "./data.ts";
import { type Asking, askingAt, embedDataset } from "./embed-dataset.ts";
import { deviation, type Measured, mean, measureFull, measureShots } from "./measure.ts";
import { type Figures, figuresOf, type Half, type Heard, hearIn, textsToEmbed, weighed, workspacesIn } from "./workspaces.ts";

const USAGE = `Usage: npm run evals:intents -- --data DIR [--test FILE] [--only full|10|5] [--draws N] [--embeddings URL [--model NAME]]
       npm run evals:intents -- --data DIR --workspaces [--half unseen|tuning] [--embeddings URL [--model NAME]]

Judges the classifier of messages: trained on everything, on 10 and on 5 texts a label, with the share of texts out of scope
that it refuses where there are any.

  --data DIR      a folder with train.csv (text,category) or data.json (CLINC's lists), or one with such folders in it
  --test FILE     texts to measure on, in either format (default: held-out texts of DIR)
  --workspaces    small workspaces instead: how true their confidence is, and what opens, over all sets of DIR (about a minute)
  --half HALF     the half of the texts that is read: unseen (default), or tuning, on which the weights of the evidence were fitted
  --only WHICH    full, 10 or 5 (default: all three)
  --draws N       how often a few texts a label are drawn (default: 5)
  --embeddings URL  an endpoint with OpenAI's embeddings API, like http://127.0.0.1:8000/v1: texts are read by what they mean as well
  --model NAME    its model (default: default); the key is in OPENAI_API_KEY
`;

const TRAININGS = ["full", "10", "5"];
const HEADS = ["training", "accuracy %", "in scope at threshold %", "out of scope recall %", "ms a message", "training s"];

await runScript(run);

async function run(words: readonly string[]): Promise<number> {
  const { data, test, only, draws, embeddings, model, half } = optionsOf(words);
  if (half !== undefined) {
    const asking = embeddings === undefined ? undefined : askingAt({ url: embeddings, model });
    await printWorkspaces(
      datasetsIn(data).map((dir) => readDataset(dir)),
      half,
      asking,
    );
    return 0;
  }
  for (const dir of datasetsIn(data, test)) {
    const dataset = readDataset(dir, test);
    const embedded = embeddings === undefined ? undefined : await embedDataset(dataset, { url: embeddings, model });
    if (embedded) process.stdout.write(`\n${embedded.told}\n`);
    print(
      dataset,
      TRAININGS.filter((one) => (only ?? one) === one),
      draws,
      embedded?.vectors,
    );
  }
  return 0;
}

interface Options {
  readonly data: string;
  readonly test: string | undefined;
  readonly only: string | undefined;
  readonly draws: number;
  readonly embeddings: string | undefined;
  readonly model: string;
  /** The half of the texts, where workspaces are judged. */
  readonly half: Half | undefined;
}

function optionsOf(words: readonly string[]): Options {
  const options = {
    data: { type: "string" },
    test: { type: "string" },
    only: { type: "string" },
    draws: { type: "string" },
    embeddings: { type: "string" },
    model: { type: "string" },
    workspaces: { type: "boolean" },
    half: { type: "string" },
  } as const;
  const {
    data,
    test,
    only,
    draws = "5",
    embeddings,
    model = "default",
    workspaces,
    half = "unseen",
  } = parseArgs({ args: [...words], options }).values;
  if (data === undefined) throw new SentientError("BAD_INPUT", `--data is missing\n${USAGE}`);
  if (only !== undefined && !TRAININGS.includes(only)) throw new SentientError("BAD_INPUT", `--only ${only}: expected full, 10 or 5`);
  if (!(Number.isInteger(Number(draws)) && Number(draws) > 0))
    throw new SentientError("BAD_INPUT", `--draws ${draws}: expected a whole number from 1`);
  if (embeddings !== undefined && !/^https?:\/\//.test(embeddings))
    throw new SentientError("BAD_INPUT", `--embeddings ${embeddings}: expected an address like http://127.0.0.1:8000/v1`);
  if (half !== "unseen" && half !== "tuning") throw new SentientError("BAD_INPUT", `--half ${half}: expected unseen or tuning`);
  return { data, test, only, draws: Number(draws), embeddings, model, half: workspaces ? half : undefined };
}

/** A line for each number of moments and of examples, and one for all of them together. */
async function printWorkspaces(datasets: readonly Dataset[], half: Half, asking: Asking | undefined): Promise<void> {
  const cells = new Map<string, Omit<Heard, "weight">[]>();
  for (const workspace of workspacesIn(datasets, half)) {
    const cell = `${workspace.moments} moments, ${workspace.examples} examples each`;
    await asking?.askAll(textsToEmbed(workspace));
    cells.set(cell, [...(cells.get(cell) ?? []), ...hearIn(workspace, asking?.vectors)]);
  }
  process.stdout.write(`\n${datasets.map(({ name }) => name).join(", ")}: workspaces of the ${half} halves, in %\n\n`);
  line(["", "right", "confidence", "its error", "right opens", "wrong opens", "on near texts", "on far texts", "out of scope"]);
  line(Array.from({ length: 9 }, () => "---"));
  for (const [cell, heard] of cells) line([cell, ...sharesOf(figuresOf(weighed([heard])))]);
  line(["all", ...sharesOf(figuresOf(weighed([...cells.values()])))]);
}

function sharesOf({ accuracy, confidence, error, opensRight, opensWrong }: Figures): string[] {
  return [accuracy, confidence, error, opensRight, opensWrong.inside, opensWrong.near, opensWrong.far, opensWrong.outside].map((share) =>
    Number.isNaN(share) ? "-" : (100 * share).toFixed(1),
  );
}

function print(dataset: Dataset, trainings: readonly string[], draws: number, vectors: TextVectors | undefined): void {
  const { name, train, test } = dataset;
  const labels = new Set(train.inside.map(({ label }) => label)).size;
  const measured = test ? `${test.inside.length + test.outside.length} texts of the test file` : "held-out texts";
  process.stdout.write(`\n${name}: ${train.inside.length} texts with ${labels} labels to learn from, measured on ${measured}\n\n`);
  line([...HEADS, "TF-IDF softmax, official test"]);
  line(Array.from({ length: HEADS.length + 1 }, () => "---"));
  for (const training of trainings) {
    const runs = [...(training === "full" ? measureFull(dataset, vectors) : measureShots(dataset, Number(training), draws, vectors))];
    line([training === "full" ? "full" : `${training}-shot`, ...columns(runs), publishedFor(labels)[training] ?? ""]);
  }
}

function line(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

function columns(runs: readonly Measured[]): string[] {
  const percent = (of: (run: Measured) => number | undefined) => {
    const shares = runs.map(of).filter((share) => share !== undefined);
    if (shares.length === 0) return "-";
    const spread = shares.length > 1 ? ` ± ${(100 * deviation(shares)).toFixed(1)}` : "";
    return `${(100 * mean(shares)).toFixed(1)}${spread}`;
  };
  return [
    percent(({ accuracy }) => accuracy),
    percent(({ atThreshold }) => atThreshold?.accuracy),
    percent(({ atThreshold }) => atThreshold?.outsideRecall),
    mean(runs.map(({ msPerText }) => msPerText)).toFixed(2),
    (mean(runs.map(({ trainMs }) => trainMs)) / 1000).toFixed(1),
  ];
}

/** Published accuracy of a plain TF-IDF softmax on the official test sets BANKING77 and CLINC150, by their number of labels. */
function publishedFor(labels: number): Record<string, string> {
  if (labels === 77) return { full: "90.3", "10": "71.0" };
  return labels === 150 ? { full: "91.8 with 38.4" } : {};
}
