import { SentientError } from "../domain/errors.ts";

/** Maximum length of an id. */
const LONGEST_ID = 512;

/**
 * Validates a path and a query before any look-up: databases reject NUL, and percent-encoding has to be valid UTF-8.
 *
 * @throws `BAD_INPUT`
 */
export function checkUrl(url: string): void {
  // Without a percent sign nothing is encoded; a bare NUL comes as one that is.
  if (!url.includes("%") && !url.includes("\u0000")) return;
  const { pathname, search } = new URL(url);
  for (const step of pathname.split("/")) check("the path", step);
  for (const part of search.slice(1).split(/[&=]/)) check("the query", part.replaceAll("+", " "));
}

/**
 * The same for path parameters, which name an existing entry.
 *
 * @throws `NOT_FOUND` where one is longer than any id
 */
export function checkIds(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (value.length > LONGEST_ID) throw new SentientError("NOT_FOUND", `no ${name} has more than ${LONGEST_ID} characters`);
  }
}

// --- internal ---

function check(where: string, encoded: string): void {
  let text: string;
  try {
    text = decodeURIComponent(encoded);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new SentientError("BAD_INPUT", `${where} holds percent signs that encode no UTF-8`);
  }
  if (text.includes("\u0000")) throw new SentientError("BAD_INPUT", `${where} holds a NUL character`);
}
