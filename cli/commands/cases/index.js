import { actor, all, command, customer, data, limit, live, one } from "../../declare.js";

export const cases = [
  command({
    name: "cases list",
    summary: "open service cases, oldest first",
    options: { data, customer, all, limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "cases close",
    summary: "close a customer's service case",
    words: { customer: one("CUSTOMER"), id: one("CASE") },
    options: { data, live, ...actor },
    load: () => import("./close.ts"),
  }),
];
