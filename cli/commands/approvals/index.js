import { actor, all, command, customer, data, limit, live, one } from "../../declare.js";

export const approvals = [
  command({
    name: "approvals list",
    summary: "what waits for a human's yes",
    options: { data, customer, all, limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "approvals approve",
    summary: "say yes: everything is judged again, and it is sent if it still wins",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./approve.ts"),
  }),
  command({
    name: "approvals reject",
    summary: "say no, for as long as the moment is open",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./reject.ts"),
  }),
];
