import { command, data, limit, maybe, one } from "../../declare.js";

export const versions = [
  command({
    name: "versions list",
    summary: "versions of the workspace in the store, newest first",
    options: { data, limit },
    load: () => import("./list.ts"),
  }),
  command({
    name: "versions show",
    summary: "a version and its files; options of channels are masked",
    words: { version: one("VERSION") },
    options: { data },
    load: () => import("./show.ts"),
  }),
  command({
    name: "versions diff",
    summary: "what another version has otherwise, by default the one in force",
    words: { a: one("VERSION"), b: maybe("OTHER") },
    options: { data },
    load: () => import("./diff.ts"),
  }),
  command({
    name: "versions write",
    summary: "write the files of a version into a folder",
    more: "The folder is new, or all its files are kept in the store as a version: nothing is lost.",
    words: { version: one("VERSION"), dir: one("DIR") },
    options: { data },
    load: () => import("./write.ts"),
  }),
];
