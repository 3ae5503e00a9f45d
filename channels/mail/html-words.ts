import type { Attributes } from "../../domain/text/html.ts";
import { plainTextOf, type Standing } from "./plain-text.ts";

/**
 * The text of an HTML mail as displayed, each quotation that the mail program marks replaced by a `>` on its own line. Some
 * programs put quotation and answer into one element: where nothing else is left, only blockquotes within it count as
 * quotations.
 */
export function textOfMail(html: string): string {
  const source = html.slice(0, MAX_CHARACTERS);
  const text = plainTextOf(source, (name, attributes) => standingOf(name, attributes, true));
  const isEmpty = /^[>\s]*$/.test(text);
  return isEmpty && /<blockquote\b/i.test(source) ? plainTextOf(source, (name, attributes) => standingOf(name, attributes, false)) : text;
}

// --- internal ---

const MAX_CHARACTERS = 512 * 1024;

/** Outlook prefixes other programs' names with `x_`. */
const named = (names: string): RegExp => new RegExp(`(?:^|\\s)(?:x_)*(?:${names})(?=\\s|$|_)`, "i");

/** Classes and ids by which programs mark quotations and their heads. */
const QUOTED = named(
  "yahooquoted|yqt\\d{1,12}|protonmail_quote|tutanota_quote|zmail_extra|front-blockquote|cite|quoted?|ms-outlook-mobile-reference-message|moz-forward-container|gmail_attr|moz-cite-prefix|OutlookMessageHeader",
);
const MAY_HOLD_ANSWERS = named("gmail_quote|yahoo_quoted|ydp[0-9a-f]{1,12}yahoo_quoted");

/** These elements contain the head of a quotation; the quotation follows the element. */
const BEFORE_QUOTED = named(
  "appendonsend|divRplyFwdMsg|stopSpelling|replySplit|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION|zwchr|__DIVIDER",
);

const SIGNATURE = named(
  "gmail_signature|gmail_signature_prefix|moz-signature|ms-outlook-mobile-signature|Signature|protonmail_signature_block|ydp[0-9a-f]{1,12}signature|AppleMailSignature|composer_signature|yahoo_signature",
);

/** The line that Outlook draws above the head, in its own two colours. */
const OUTLOOK_LINE =
  /border-top\s*:\s*(?:(?:solid|[\d.]{1,4}p[tx])\s+){0,2}(?:#E1E1E1|#B5C4DF|rgb\(225,\s?225,\s?225\)|rgb\(181,\s?196,\s?223\))/i;

function standingOf(name: string, attributes: Attributes, isWhole: boolean): Standing {
  const names = ["class", "id", "data-marker", "name"]
    .map((one) => attributes.get(one) ?? "")
    .join(" ")
    .slice(0, 500);
  const style = (attributes.get("style") ?? "").slice(0, 1_000);
  if (BEFORE_QUOTED.test(names) || OUTLOOK_LINE.test(style)) return "quoted_from_here";
  if (SIGNATURE.test(names)) return "hidden";
  if (name === "blockquote") return isIndented(style, attributes) ? undefined : "quoted";
  return QUOTED.test(names) || (isWhole && MAY_HOLD_ANSWERS.test(names)) ? "quoted" : undefined;
}

/** Programs also indent with `blockquote`: then it has no border on the left. */
const isIndented = (style: string, attributes: Attributes): boolean =>
  attributes.get("type") !== "cite" && /\bborder\s*:\s*(?:none|0)/i.test(style) && !/border-left\s*:\s*(?!none|0)/i.test(style);
