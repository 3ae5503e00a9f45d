import { actor, command, data, one } from "../../declare.js";

export const canaries = [
  command({
    name: "canaries list",
    summary: "experiences that are tried on a share of customers, with what their guards see",
    options: { data },
    load: () => import("./list.ts"),
  }),
  command({
    name: "canaries stop",
    summary: "stop a canary for all customers",
    words: { id: one("EXPERIENCE") },
    options: { data, ...actor },
    load: () => import("./stop.ts"),
  }),
  command({
    name: "canaries approve",
    summary: "publish a version in which a canary is approved for all customers",
    words: { id: one("EXPERIENCE") },
    options: { data, ...actor },
    load: () => import("./approve.ts"),
  }),
];
