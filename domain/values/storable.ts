/**
 * What is to be stored goes through here: PostgreSQL takes no NUL and no half of a surrogate pair, and refuses the whole
 * statement for one. Values that come from outside are refused long before (`unstorable`); what is left are texts that tell
 * of something (an error of a provider, a detail of a reason), which are kept with U+FFFD instead.
 */

/** A value as JSON for a parameter of a statement. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Only controls and halves of pairs are written as escapes, so that hardly any text is looked at further.
  return json?.includes("\\u") ? json.replace(ESCAPE, (written, code) => (code === undefined ? written : "\ufffd")) : json;
}

/** A text with U+FFFD for what cannot be stored. */
export const storable = (text: string): string => (REFUSED.test(text) ? text.replace(new RegExp(REFUSED, "gu"), "\ufffd") : text);

// --- internal ---

/** One escape of JSON; the code of those that are refused. A backslash that is escaped takes the next sign with it. */
const ESCAPE = /\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const REFUSED = /[\u0000\p{Surrogate}]/u;
