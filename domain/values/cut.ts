/**
 * Texts as people count them: a sign is what a reader takes for one, such as an emoji of several code points or a letter
 * with its marks. Texts of others are cut here and nowhere else, so that no cut leaves half a sign behind.
 */

/** The signs of a text. */
export function signsOf(text: string): string[] {
  if (ASCII.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** How many signs a text has. */
export function signsIn(text: string): number {
  if (ASCII.test(text)) return text.length;
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}

/** The beginning of a text: at most `most` UTF-16 units, ending between two signs. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, placeBefore(text, Math.max(most, 0)));
}

/** The same with an ellipsis where something was left out; with it `most` units at most. */
export const cutShort = (text: string, most: number): string => (text.length <= most ? text : `${cut(text, most - 1)}…`);

// --- internal ---

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
const ASCII = /^[\u0000-\u007f]*$/;

/** Marks may be heaped on a letter without end; beyond so many units a sign is cut, between two code points. */
const LONGEST_SIGN = 64;

function placeBefore(text: string, most: number): number {
  const from = Math.max(0, most - 4 * LONGEST_SIGN);
  // Only what stands around the cut is looked at: texts may be long.
  const around = text.slice(from, most + LONGEST_SIGN);
  const place = from + (segmenter.segment(around).containing(most - from)?.index ?? most - from);
  if (most - place <= LONGEST_SIGN) return place;
  return isSecondHalf(text, most) ? most - 1 : most;
}

const isSecondHalf = (text: string, index: number): boolean => (text.codePointAt(index - 1) ?? 0) > 0xffff;
