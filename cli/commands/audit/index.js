import { command, customer, data, limit } from "../../declare.js";

export const audit = [
  command({
    name: "audit list",
    summary: "what operators did, the latest last",
    options: { data, customer, limit },
    load: () => import("./list.ts"),
  }),
];
