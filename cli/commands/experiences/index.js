import { command, data, maybe, text } from "../../declare.js";

export const experiences = [
  command({
    name: "experiences list",
    summary: "the catalogue: experiences with their moments and channels",
    options: { data },
    load: () => import("./list.ts"),
  }),
  command({
    name: "experiences report",
    summary: "results by experience: reach, outcomes, hold reasons, and the lift against the holdout",
    more: "Shares have 95 % intervals (Wilson). The lift compares success among customers treated and withheld, with Newcombe's interval, or\nsays why there is none.",
    words: { id: maybe("ID") },
    options: { data, window: text("DURATION", "how far back, from the store's time (default: 30d)") },
    load: () => import("./report.ts"),
  }),
];
