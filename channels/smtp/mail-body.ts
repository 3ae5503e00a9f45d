import { Engine } from "mrml";
import { isHtml, markedUp, withAddressesAsText } from "../../domain/text/html.ts";
import { plainTextOf } from "../mail/plain-text.ts";
import { rejected } from "../outcome.ts";

/** What a mail says, both ways. */
export interface MailBody {
  readonly html: string;
  readonly text: string;
}

/** The longest body that is laid out; mail programs cut off what is longer than about 100 KB. */
const MOST_CHARACTERS = 512 * 1024;
/** Elements within elements: far beyond any layout, far below what the layout engine's stack holds. */
const MOST_LEVELS = 200;

/**
 * Makes the HTML and the plain text of a mail from its body: MJML is laid out, a fragment becomes a page, and a text
 * without a tag of HTML keeps its lines and every bracket in them. An address in angle brackets stays what it is in either.
 * Values in the body have been escaped when it was written.
 */
export function mailBodyOf(body: string): MailBody {
  if (body.length > MOST_CHARACTERS) throw rejected(`the body has ${body.length} characters, at most ${MOST_CHARACTERS} can be sent`);
  const html = /^\s*(<!--[\s\S]*?-->\s*)*<mjml[\s>]/i.test(body) ? layOut(withAddressesAsText(body)) : pageOf(body);
  return { html, text: plainTextOf(html) };
}

// --- internal ---

function layOut(source: string): string {
  if (depthOf(source) > MOST_LEVELS) throw rejected(`the MJML is nested deeper than ${MOST_LEVELS} levels`);
  const engine = new Engine();
  try {
    const result = engine.toHtml(source);
    if (result.type === "success") return result.content;
    throw rejected(`the body is not sound MJML: ${result.message}`);
  } finally {
    engine.free();
  }
}

function depthOf(source: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [, closing, empty] of source.matchAll(/<(\/?)[a-z][^<>]*?(\/?)>/gi)) {
    if (closing === "/") depth--;
    else if (empty !== "/") deepest = Math.max(deepest, ++depth);
  }
  return deepest;
}

function pageOf(body: string): string {
  if (!isHtml(body)) return pageWith(paragraphsOf(markedUp(body)));
  const html = withAddressesAsText(body);
  return /<(html|body)[\s>]/i.test(html) ? html : pageWith(html);
}

const pageWith = (inside: string): string => `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${inside}\n</body></html>`;

function paragraphsOf(text: string): string {
  const lines = text.trim().split(/\r?\n/);
  const paragraphs = lines
    .map((line) => line.trim())
    .join("\n")
    .split(/\n{2,}/);
  return paragraphs.map((paragraph) => `<p>${paragraph.replaceAll("\n", "<br>\n")}</p>`).join("\n");
}
