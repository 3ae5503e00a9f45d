/** Findings on the characters of a text: invisible ones, and ones that imitate others. */
export function oddSigns(text: string): string[] {
  return [
    ...(HIDDEN.test(text) || LONE_SELECTOR.test(text) ? ["has invisible characters"] : []),
    ...(MARKED.test(text.normalize("NFC")) ? ["has combining marks that no language uses"] : []),
    ...(SET_APART.test(text) ? ["has letters set apart"] : []),
    ...(REPEATED.test(text) ? ["repeats itself"] : []),
  ];
}

/** The text as a reader perceives it: compatibility characters replaced by what they look like. */
export const asRead = (text: string): string => text.normalize("NFKC").replace(/[。｡․。]/gu, ".");

const MARKUP: readonly RegExp[] = [/<\s*[a-z!/?%]/iu, /\]\s*\(/u, /\]\s*\[/u, /\]:/u, /!\[/u, /```/u, /&[a-z#0-9]+;/iu];

/** Whether a text contains characters that a downstream program could parse as markup. */
export const hasMarkup = (text: string): boolean => [text, asRead(text)].some((one) => MARKUP.some((markup) => markup.test(one)));

// --- internal ---

/** Format, private-use, unassigned and control characters; and letters without a visible form. */
const HIDDEN = /[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u2800]|[^\P{Cc}\n\t]|(?![\uFE00-\uFE0F])\p{Default_Ignorable_Code_Point}/u;

/** A variation selector belongs after a pictograph. */
const LONE_SELECTOR = /(?<!\p{Extended_Pictographic})[\uFE00-\uFE0F]|[\u{E0100}-\u{E01EF}]/u;

/** In these scripts every combination used by a language has a precomposed character. */
const MARKED = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}/u;

/** `f r e e`, `f.r.e.e`: four single letters in a row. */
const SET_APART = /(?<![\p{L}\p{N}])\p{L}(?:[\s.·_*-]{1,3}\p{L}(?![\p{L}\p{N}])){3,}/u;

const REPEATED = /(?<![\p{L}\p{N}])([\p{L}\p{N}]+)(?:[^\p{L}\p{N}]+\1(?![\p{L}\p{N}])){3,}/iu;
