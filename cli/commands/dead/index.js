import { actor, command, customer, data, flag, limit, many, text } from "../../declare.js";

const selection = { code: text("C", "only dead letters with this error code"), all: flag("all of them") };

export const dead = [
  command({
    name: "dead list",
    summary: "dead letters (signals and timers that failed too often), latest first",
    options: { data, customer, code: text("C", "only dead letters with this error code"), limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "dead revive",
    summary: "retry dead letters; a timer gets its due time back",
    words: { ids: many("ID") },
    options: { data, ...selection, ...actor },
    load: () => import("./revive.ts"),
  }),
  command({
    name: "dead discard",
    summary: "discard dead letters for good; the same signal sent again is a duplicate",
    words: { ids: many("ID") },
    options: { data, ...selection, ...actor },
    load: () => import("./discard.ts"),
  }),
];
