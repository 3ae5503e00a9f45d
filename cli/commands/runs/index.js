import { actor, command, customer, data, flag, limit, live, one } from "../../declare.js";

export const runs = [
  command({
    name: "runs list",
    summary: "executions of the graph, the latest first",
    options: { data, limit, customer },
    load: () => import("./list.ts"),
  }),
  command({
    name: "runs show",
    summary: "the steps and tool calls of a run",
    words: { id: one("ID") },
    options: { data },
    load: () => import("./show.ts"),
  }),
  command({
    name: "runs retry",
    summary: "decide again what a run has left undone",
    words: { id: one("ID") },
    options: { data, force: flag("also where it is unknown whether the message was sent"), live, ...actor },
    load: () => import("./retry.ts"),
  }),
];
