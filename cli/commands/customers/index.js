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
    summary: "make an undeliverable address usable again",
    more: "An address becomes undeliverable when a provider reports that it reaches nobody. customers show lists these addresses with the reason.",
    words: { id: one("ID") },
    options: { data, address: text("ADDRESS", "only this one (default: all of them)"), live, ...actor },
    load: () => import("./lift.ts"),
  }),
  command({
    name: "customers merge",
    summary: "merge two customers that are one person",
    more: "The customer becomes part of the other one, with everything that is open. Both source records stay; customers split undoes it.",
    words: { id: one("ID") },
    options: { data, into: needed(text("ID", "the surviving customer")), live, ...actor },
    load: () => import("./merge.ts"),
  }),
  command({
    name: "customers split",
    summary: "undo a merge: both customers are as they were",
    more: "Removes the link of a merge. What was recorded since then stays with the other customer.",
    words: { id: one("ID") },
    options: { data, live, ...actor },
    load: () => import("./split.ts"),
  }),
  command({
    name: "customers export",
    summary: "everything held about a person, as one JSON document",
    words: { id: one("ID") },
    options: { data, out: path("FILE", "write it to this file, readable only by its owner"), ...actor },
    load: () => import("./export.ts"),
  }),
  command({
    name: "customers erase",
    summary: "remove everything held about a person",
    more: "Only keyed hashes of the addresses stay, so that nothing is sent to them again.",
    words: { id: one("ID") },
    options: { data, yes: flag("confirm: it cannot be undone"), ...actor },
    load: () => import("./erase.ts"),
  }),
];
