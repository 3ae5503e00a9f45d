/**
 * A text on one line of a terminal with control characters, line ends and direction marks escaped as in JSON, so that the terminal
 * executes none of them and JSON stays valid JSON.
 */
export const terminalSafe = (text: string): string =>
  text.replace(OBEYED, (sign) => SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

// --- internal ---

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Also invisible characters, by which two different names would look the same, and lone surrogates. Joiners of emoji and of letters
 * stay.
 */
const OBEYED = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
