import { isHtml, readHtml } from "../text/html.ts";

/** The words of a body that may be HTML, as text: a line for each block, no markup, nothing that is not seen. */
export function wordsOfBody(body: string): string {
  if (!isHtml(body)) return body;
  let text = "";
  let hidden = 0;
  readHtml(body, {
    text(piece) {
      if (hidden === 0) text += piece.replaceAll(/\s+/g, " ");
    },
    open(name) {
      if (HIDDEN.has(name)) hidden += 1;
      if (BLOCKS.has(name)) text += "\n";
    },
    close(name) {
      if (HIDDEN.has(name)) hidden = Math.max(0, hidden - 1);
      if (BLOCKS.has(name)) text += "\n";
    },
  });
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

// --- internal ---

const HIDDEN = new Set(["head", "style", "script", "title", "template"]);
const BLOCKS = new Set([
  "p",
  "br",
  "div",
  "tr",
  "td",
  "li",
  "ul",
  "ol",
  "table",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "blockquote",
  "hr",
  "section",
]);
