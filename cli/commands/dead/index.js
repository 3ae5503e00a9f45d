import { actor, command, customer, data, flag, limit, many, text } from "../../declare.js";

const selection = { code: text("C", "those that failed with this code"), all: flag("all of them") };

export const dead = [
  command({
    name: "dead list",
    summary: "signals and timers that were given up, and why, the latest first",
    options: { data, customer, code: text("C", "only those that failed with this code"), limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "dead revive",
    summary: "try what was given up once more; a timer gets its time back",
    words: { ids: many("ID") },
    options: { data, ...selection, ...actor },
    load: () => import("./revive.ts"),
  }),
  command({
    name: "dead discard",
    summary: "give it up for good; a discarded signal stays a duplicate when it comes again",
    words: { ids: many("ID") },
    options: { data, ...selection, ...actor },
    load: () => import("./discard.ts"),
  }),
];
