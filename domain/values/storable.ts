/**
 * Text on its way into PostgreSQL, which accepts neither NUL nor lone surrogates and rejects the whole statement for one. Values from
 * outside were rejected earlier (`unstorable`); the remaining texts are reports (a provider's error, a reason's detail), which are
 * stored with U+FFFD instead.
 */

/** A value as JSON for a statement parameter. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  // Only controls and lone surrogates are escaped, so that hardly any text needs the replacement.
  return json?.includes("\\u") ? json.replace(ESCAPE, (written, code) => (code === undefined ? written : "\ufffd")) : json;
}

/** Replaces characters that cannot be stored by U+FFFD. */
export const storable = (text: string): string => (REFUSED.test(text) ? text.replace(new RegExp(REFUSED, "gu"), "\ufffd") : text);

// --- internal ---

/** A JSON escape; captures the code of rejected ones. An escaped backslash consumes the next character. */
const ESCAPE = /\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
const REFUSED = /[\u0000\p{Surrogate}]/u;
