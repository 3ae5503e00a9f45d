import { actor, command, data, flag, live, needed, one, path, text } from "../../declare.js";

export const customers = [
  command({
    name: "customers import",
    summary: "import golden records, one JSON object a line",
    words: { file: one("FILE") },
    options: { data, ...actor },
    load: () => import("./import.ts"),
  }),
  command({
    name: "customers show",
    summary: "a golden record: every field with its source and age",
    words: { id: one("ID") },
    options: { data },
    load: () => import("./show.ts"),
  }),
  command({
    name: "customers lift",
    summary: "write again to an address that was given up",
    more: "An address is given up when a provider says that it reaches nobody. customers show tells which and why.",
    words: { id: one("ID") },
    options: { data, address: text("ADDRESS", "only this one (default: all of them)"), live, ...actor },
    load: () => import("./lift.ts"),
  }),
  command({
    name: "customers merge",
    summary: "say that two customers are one person",
    more: "The customer disappears into the other one, with everything that is open. Both source records stay; customers split takes it back.",
    words: { id: one("ID") },
    options: { data, into: needed(text("ID", "who stands for both from then on")), live, ...actor },
    load: () => import("./merge.ts"),
  }),
  command({
    name: "customers split",
    summary: "undo a merge: both customers are as they were",
    more: "Removes the link by which a customer has disappeared into another one. What was said since stays with the other one.",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./split.ts"),
  }),
  command({
    name: "customers export",
    summary: "everything held about a person, as one JSON document",
    words: { id: one("ID") },
    options: { data, out: path("FILE", "write it there, readable by nobody else"), ...actor },
    load: () => import("./export.ts"),
  }),
  command({
    name: "customers erase",
    summary: "remove everything held about a person",
    more: "Only keyed hashes of the addresses stay, so that nothing is sent to them again.",
    words: { id: one("ID") },
    options: { data, yes: flag("go on: nothing brings it back"), ...actor },
    load: () => import("./erase.ts"),
  }),
];
