import { command, data } from "../../declare.js";

export const pauses = [
  command({
    name: "pauses list",
    summary: "current pauses, with their start and operator",
    options: { data },
    load: () => import("./list.ts"),
  }),
];
