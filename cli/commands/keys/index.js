import { command, one } from "../../declare.js";

export const keys = [
  command({
    name: "keys new",
    summary: "make a key for a person: printed once, with the line for the server",
    stays: "it makes a key and keeps nothing",
    more: "The server gets the hash alone. Roles: viewer, operator, approver, steward, analyst, admin (docs/service.md).",
    words: { person: one("NAME/ROLE") },
    load: () => import("./new.ts"),
  }),
];
