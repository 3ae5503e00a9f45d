import { command, customer, data, limit, text } from "../../declare.js";

export const outcomes = [
  command({
    name: "outcomes list",
    summary: "what became of deliveries, the latest first",
    options: { data, limit, customer, experience: text("ID", "only of this experience") },
    load: () => import("./list.ts"),
  }),
];
