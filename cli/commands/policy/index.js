import { command, data, maybe, number, path, text } from "../../declare.js";

export const policy = [
  command({
    name: "policy evaluate",
    summary: "the value of another policy, from a log with probabilities",
    more: "LOG is a file, or - for standard input. Without it the log is that of the store, with what its decisions have earned.",
    stays: "it needs the whole log, which only a file or the store itself has",
    words: { log: maybe("LOG") },
    options: {
      data,
      policy: text(
        "NAME|FILE",
        "best (default), uniform, always:ACTION, or a file: probabilities by action, a line for each decision or one for all",
      ),
      rewards: path("FILE", "rewards of decisions or deliveries, one JSON object a line"),
      confidence: number("SHARE", "confidence level of the intervals (default: 0.95)", { least: 0.5, most: 0.999, otherwise: 0.95 }),
      seed: text("TEXT", "seed for the resampling of the intervals"),
    },
    load: () => import("./evaluate.ts"),
  }),
];
