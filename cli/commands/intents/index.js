import { command, data, one } from "../../declare.js";

export const intents = [
  command({
    name: "intents try",
    summary: "which moments a text would open, with confidence and nearest examples",
    more: "Nothing is recorded. A language model is asked only where the workspace has one; the answer says who has read the text.",
    words: { text: one("TEXT") },
    options: { data },
    load: () => import("./try.ts"),
  }),
];
