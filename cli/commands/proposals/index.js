import { choice, command, data, limit, one } from "../../declare.js";

export const proposals = [
  command({
    name: "proposals list",
    summary: "changes of the catalogue that people propose, newest first",
    options: { data, limit, status: { ...choice(["open", "approved", "rejected"], "only these"), value: "STATUS" } },
    load: () => import("./list.ts"),
  }),
  command({
    name: "proposals show",
    summary: "a proposal: its difference to what is in force, why, evidence, problems, golden decisions",
    words: { id: one("ID") },
    options: { data },
    load: () => import("./show.ts"),
  }),
];
