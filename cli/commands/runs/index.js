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
    summary: "judge again what a run has left undone",
    words: { id: one("ID") },
    options: { data, force: flag("also where nobody knows whether it went out"), live, ...actor },
    load: () => import("./retry.ts"),
  }),
];
