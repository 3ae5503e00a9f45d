import { SentientError } from "../errors.ts";

// Every text from outside must be UTF-8. Other encodings are rejected: wrongly guessed characters would reach customers.

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly problem: string };

/** Maximum size of one text: JavaScript strings are limited to about half a gigabyte. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Decodes UTF-8 and drops a byte order mark; otherwise the problem, with the line of the first invalid byte. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const other = otherEncoding(bytes);
  if (other !== undefined) return { ok: false, line: 1, problem: isEncodedAs(other) };
  if (bytes.length > MAX_BYTES) return { ok: false, line: 1, problem: `${bytes.length} bytes, at most ${MAX_BYTES} are read` };
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

/** Problem text for another encoding, as named by `otherEncoding`. */
export const isEncodedAs = (encoding: string): string => `is ${encoding}, expected UTF-8; save it as UTF-8`;

/** Detects UTF-16 or UTF-32 by byte order mark or by the zero bytes of the first characters; undefined for other input. */
export function otherEncoding(bytes: Uint8Array): string | undefined {
  const first = bytes[0] ?? 0;
  // What each of them begins with is either a zero among the first two bytes, or a byte that UTF-8 has not.
  if (first !== 0 && first < 0xfe && (bytes[1] ?? 0) !== 0) return undefined;
  const head = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  return ENCODINGS.find(([, beginning]) => beginning.test(head))?.[0];
}

/** Decodes UTF-8 and drops a byte order mark; undefined for invalid input. */
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

/** First bytes of a text in hexadecimal: a byte order mark, or ASCII in two or four bytes. */
const ENCODINGS: readonly (readonly [string, RegExp])[] = [
  ["UTF-32", /^(fffe0000|0000feff|..000000|000000..)/],
  ["UTF-16", /^(fffe|feff|..00|00..)/],
];

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
