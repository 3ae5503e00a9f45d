import { command, customer, data, limit, one } from "../../declare.js";

export const decisions = [
  command({
    name: "decisions list",
    summary: "decisions, the latest last",
    options: { data, limit, customer },
    load: () => import("./list.ts"),
  }),
  command({
    name: "decisions show",
    summary: "the whole record of a decision",
    words: { id: one("ID") },
    options: { data },
    load: () => import("./show.ts"),
  }),
  command({
    name: "decisions explain",
    summary: "why, why not the others, and what would have changed it",
    words: { id: one("ID") },
    options: { data },
    load: () => import("./explain.ts"),
  }),
];
