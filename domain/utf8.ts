import { SentientError } from "./errors.ts";

// Every text that comes from outside is UTF-8. What is not is refused, because characters that were guessed would be sent.

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly problem: string };

/** Bytes of one text at most: JavaScript holds no string of more than half a gigabyte. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Bytes as UTF-8 text, without a byte order mark; otherwise why not, with the line of the first wrong byte. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const other = otherEncoding(bytes);
  if (other !== undefined) return { ok: false, line: 1, problem: `is ${other}, expected UTF-8; save it as UTF-8` };
  if (bytes.length > MOST_BYTES) return { ok: false, line: 1, problem: `${bytes.length} bytes, at most ${MOST_BYTES} are read` };
  const text = decoded(bytes);
  return text === undefined ? { ok: false, line: firstWrongLine(bytes), problem: NOT_UTF8 } : { ok: true, text };
}

/**
 * The text of a file.
 *
 * @throws `BAD_INPUT` with file and line where it is not UTF-8
 */
export function textOfFile(file: string, bytes: Uint8Array): string {
  const read = decodeText(bytes);
  if (read.ok) return read.text;
  throw new SentientError("BAD_INPUT", `${file}:${read.line}: ${read.problem}`);
}

export const NOT_UTF8 = "is not UTF-8; save it as UTF-8";

/** UTF-16 or UTF-32, by its byte order mark or by the zero bytes of its first characters; undefined where it is neither. */
export function otherEncoding([a, b, c, d]: Uint8Array): string | undefined {
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? "UTF-32" : "UTF-16";
  if (a === 0xfe && b === 0xff) return "UTF-16";
  if (a === 0 && b === 0) return "UTF-32";
  return (a === 0 && b !== undefined) || (b === 0 && a !== undefined) ? "UTF-16" : undefined;
}

/** UTF-8 as text, without a byte order mark at its beginning; undefined where it is none. */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

// --- internal ---

const strict = new TextDecoder("utf-8", { fatal: true });
const NEWLINE = 10;

function firstWrongLine(bytes: Uint8Array): number {
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline;
    if (decoded(bytes.subarray(from, end)) === undefined) return line;
    from = end + 1;
  }
  return line;
}
