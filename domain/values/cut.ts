/**
 * Text length and truncation in graphemes: an emoji of several code points, or a letter with its marks, is one. Foreign text is
 * truncated here only, so that no grapheme is split.
 */

/** The graphemes of a text. */
export function graphemesOf(text: string): string[] {
  if (ASCII.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** The number of graphemes of a text. */
export function graphemeCount(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}

/** Truncates to at most `most` UTF-16 units, at a grapheme boundary. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, placeBefore(text, Math.max(most, 0)));
}

/** Truncates with an ellipsis; at most `most` units including it. */
export const cutShort = (text: string, most: number): string => (text.length <= most ? text : `${cut(text, most - 1)}…`);

/**
 * Keeps the beginning and the end of a long text, with `…` on a line of its own between them: at most `most` units in all. Meant for
 * bounds of hundreds and more, as its end may begin up to 64 units late.
 */
export function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.max(0, Math.floor((most - GAP.length) / 2));
  return `${cut(text, half)}${GAP}${text.slice(placeBefore(text, text.length - half + MAX_GRAPHEME_LENGTH))}`;
}

/** Truncates to at most `most` bytes of UTF-8, at a grapheme boundary. */
export function cutToBytes(text: string, most: number): string {
  let shorter = cut(text, most);
  for (let bytes = Buffer.byteLength(shorter); bytes > most; bytes = Buffer.byteLength(shorter))
    shorter = cut(shorter, Math.min(shorter.length - 1, Math.floor((shorter.length * most) / bytes)));
  return shorter;
}

// --- internal ---

const GAP = "\n…\n";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Combining marks can be stacked without limit; a longer grapheme is split, between two code points. */
const MAX_GRAPHEME_LENGTH = 64;

function placeBefore(text: string, most: number): number {
  const from = Math.max(0, most - 4 * MAX_GRAPHEME_LENGTH);
  // Segments only the surroundings of the boundary: texts may be long.
  const around = text.slice(from, most + MAX_GRAPHEME_LENGTH);
  const place = from + (segmenter.segment(around).containing(most - from)?.index ?? most - from);
  if (most - place <= MAX_GRAPHEME_LENGTH) return place;
  return isSecondHalf(text, most) ? most - 1 : most;
}

const isSecondHalf = (text: string, index: number): boolean => (text.codePointAt(index - 1) ?? 0) > 0xffff;
