import { actor, all, choice, command, customer, data, flag, limit, live, one, text } from "../../declare.js";

export const tasks = [
  command({
    name: "tasks list",
    summary: "work for humans, by queue, earliest due date first",
    options: { data, queue: text("NAME", "only of this queue"), customer, all, limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "tasks claim",
    summary: "take a task",
    words: { id: one("ID") },
    options: { data, takeOver: flag("even if another operator has claimed it"), ...actor },
    load: () => import("./claim.ts"),
  }),
  command({
    name: "tasks return",
    summary: "give a claimed task back to its queue",
    words: { id: one("ID") },
    options: { data, ...actor },
    load: () => import("./return.ts"),
  }),
  command({
    name: "tasks done",
    summary: "end a task",
    words: { id: one("ID") },
    options: {
      data,
      contacted: flag("the customer was contacted over it: a touch that caps count"),
      kind: choice(["call", "chat", "visit"], "how: call, chat or visit (default: call)"),
      live,
      ...actor,
    },
    load: () => import("./done.ts"),
  }),
];
