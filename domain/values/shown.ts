/**
 * A text on one line of a terminal, where nothing in it is obeyed: controls, ends of lines and signs that turn the direction
 * of writing are there as JSON would escape them, so that JSON stays the JSON it is.
 */
export const shown = (text: string): string =>
  text.replace(OBEYED, (sign) => SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

// --- internal ---

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Also what is drawn as nothing, by which two names may look the same, and halves of pairs. Joiners of emoji and of letters stay. */
const OBEYED = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
