import { command, customer, data, flag, limit, one, path, text, texts, time } from "../../declare.js";

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
    options: { data, experience: text("ID", "this experience alone, also one that the record only counts: it is computed again") },
    load: () => import("./explain.ts"),
  }),
  command({
    name: "decisions what-if",
    summary: "the same decision with a changed fact, time or policy",
    words: { id: one("ID") },
    options: {
      data,
      set: texts("PATH=JSON", "a fact about the customer, by the path of the trait (several times); null: not known"),
      at: time("when its wake would have come"),
      policy: text("DIR|VERSION", "decide by a folder, or by a version that the store keeps"),
      keep: path("FILE", "add it to a file of golden decisions, with names, addresses and texts masked"),
      personal: flag("with --keep: leave names, addresses and texts as they are"),
    },
    load: () => import("./what-if.ts"),
  }),
];
