import { command, customer, data, limit } from "../../declare.js";

export const audit = [
  command({
    name: "audit list",
    summary: "changes by operators, latest last",
    options: { data, customer, limit },
    load: () => import("./list.ts"),
  }),
];
