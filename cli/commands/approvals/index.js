import { actor, all, command, customer, data, limit, live, one } from "../../declare.js";

export const approvals = [
  command({
    name: "approvals list",
    summary: "decisions that wait for approval",
    options: { data, customer, all, limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "approvals show",
    summary: "the message as it would be sent, with facts, action and amount, and the reason",
    words: { id: one("ID") },
    options: { data },
    load: () => import("./show.ts"),
  }),
  command({
    name: "approvals approve",
    summary: "approve: the customer is decided again, and the message is sent if it still wins",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./approve.ts"),
  }),
  command({
    name: "approvals reject",
    summary: "reject, for as long as the moment is open",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./reject.ts"),
  }),
];
