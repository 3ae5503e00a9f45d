import { parseArgs } from "node:util";
import { readDataset } from "./data.ts";
import { deviation, type Measured, mean, measureFull, measureShots } from "./measure.ts";

const { values } = parseArgs({
  options: { data: { type: "string" }, test: { type: "string" }, draws: { type: "string", default: "5" }, only: { type: "string" } },
});
if (values.data === undefined) {
  process.stderr.write("usage: npm run evals:intents -- --data DIR [--test FILE] [--draws 5] [--only full|10|5]\n");
  process.exit(2);
}

const dataset = readDataset(values.data, values.test);
const published = PUBLISHED()[dataset.name] ?? {};
const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
process.stdout.write(
  `${dataset.name}: ${dataset.train.inside.length} texts to learn from, measured on ${values.test ?? "held-out texts of them"}\n\n`,
);
line([
  "training",
  "accuracy %",
  "in scope at threshold %",
  "out of scope recall %",
  "ms a message",
  "training s",
  "TF-IDF softmax, published",
]);
line(["---", "---", "---", "---", "---", "---", "---"]);
for (const training of ["full", "10", "5"]) {
  if (values.only !== undefined && values.only !== training) continue;
  const runs = [...(training === "full" ? measureFull(dataset) : measureShots(dataset, Number(training), Number(values.draws)))];
  line([training === "full" ? "full" : `${training}-shot`, ...columns(runs), published[training] ?? ""]);
}

// --- internal ---

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

/** What a plain TF-IDF softmax reaches on the official test sets. */
function PUBLISHED(): Record<string, Record<string, string>> {
  return { banking77: { full: "90.3", "10": "71.0" }, clinc150: { full: "91.8 with 38.4" } };
}
