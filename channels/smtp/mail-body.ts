import { Engine } from "mrml";
import { isHtml, markedUp, withAddressesAsText } from "../../domain/text/html.ts";
import { plainTextOf } from "../mail/plain-text.ts";
import { rejected } from "../outcome.ts";
import { isMjml } from "./check-mjml.ts";

/** The body of a mail as HTML and as plain text. */
export interface MailBody {
  readonly html: string;
  readonly text: string;
}

/** Maximum characters of a body that is laid out; mail programs cut off mails above about 100 KB. */
const MAX_CHARACTERS = 512 * 1024;
/** Maximum nesting of elements: far beyond any layout, far below the limit of the layout engine's stack. */
const MAX_LEVELS = 200;

/**
 * Makes the HTML and the plain text of a mail from its body: MJML is laid out, a fragment becomes a page, and a text without
 * HTML tags keeps its lines and every bracket. An address in angle brackets is kept in both. Values in the body are already
 * escaped.
 */
export function mailBodyOf(body: string): MailBody {
  if (body.length > MAX_CHARACTERS) throw rejected(`the body has ${body.length} characters, at most ${MAX_CHARACTERS} can be sent`);
  const html = isMjml(body) ? layOut(withAddressesAsText(body)) : pageOf(body);
  return { html, text: plainTextOf(html) };
}

// --- internal ---

function layOut(source: string): string {
  if (depthOf(source) > MAX_LEVELS) throw rejected(`the MJML is nested deeper than ${MAX_LEVELS} levels`);
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
