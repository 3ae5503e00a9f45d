import { actor, choice, command, data, flag, limit, needed, one, text, texts } from "../../declare.js";

const { by } = actor;

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
  command({
    name: "proposals approve",
    summary: "publish a version with a proposal of another person in it",
    more: "It is checked and its golden decisions are run anew, in the version in force. Whoever proposed or revised it cannot approve it.",
    words: { id: one("ID") },
    options: {
      data,
      hash: needed(text("HASH", "hash of the proposal as it was read; another one is refused")),
      status: { ...choice(["canary", "approved"], "for a share of customers, or for all (default: canary)"), value: "STATUS" },
      by,
    },
    load: () => import("./approve.ts"),
  }),
  command({
    name: "proposals reject",
    summary: "reject a proposal, for good",
    words: { id: one("ID") },
    options: { data, because: text("TEXT", "why not"), by },
    load: () => import("./reject.ts"),
  }),
  command({
    name: "proposals revise",
    summary: "replace what an open proposal says; it then has another hash",
    words: { id: one("ID"), file: one("FILE") },
    options: {
      data,
      evals: texts("FILE", "golden decisions that come along instead of those before (default: those before)"),
      because: text("TEXT", "why (default: as before)"),
      evidence: texts("ID", "what speaks for it instead of that before (default: that before)"),
      noRehearsal: flag("without a short rehearsal beside the version in force"),
      by,
    },
    load: () => import("./revise.ts"),
  }),
];
