import { actor, all, command, customer, data, limit, live, one } from "../../declare.js";

export const promises = [
  command({
    name: "promises list",
    summary: "what is owed to customers, overdue first",
    options: { data, customer, all, limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "promises kept",
    summary: "mark a promise as kept",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./kept.ts"),
  }),
];
