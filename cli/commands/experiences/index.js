import { command, data, maybe, text } from "../../declare.js";

export const experiences = [
  command({
    name: "experiences list",
    summary: "the catalogue: what can be done for which moment",
    options: { data },
    load: () => import("./list.ts"),
  }),
  command({
    name: "experiences report",
    summary: "what became of them: reach, outcomes, what held them, and the lift against the holdout",
    more: "Shares have 95 % intervals (Wilson). The lift compares success among customers treated and withheld, with Newcombe's interval, or\nsays why there is none.",
    words: { id: maybe("ID") },
    options: { data, window: text("DURATION", "how far back, from the store's time (default: 30d)") },
    load: () => import("./report.ts"),
  }),
];
