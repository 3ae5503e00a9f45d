import { command, data } from "../../declare.js";

export const pauses = [
  command({
    name: "pauses list",
    summary: "what is paused, since when and by whom",
    options: { data },
    load: () => import("./list.ts"),
  }),
];
