import { command, number, one, path, text } from "../../declare.js";

export const policy = [
  command({
    name: "policy evaluate",
    summary: "the value of another policy, from a log with probabilities",
    stays: "it reads a log file",
    words: { log: one("LOG") },
    options: {
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
