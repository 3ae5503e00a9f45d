import { command, customer, data, limit, text } from "../../declare.js";

export const outcomes = [
  command({
    name: "outcomes list",
    summary: "outcomes of deliveries, latest first",
    options: { data, limit, customer, experience: text("ID", "only of this experience") },
    load: () => import("./list.ts"),
  }),
];
