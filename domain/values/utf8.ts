import { SentientError } from "../errors.ts";

// Every text that comes from outside is UTF-8. What is not is refused, because characters that were guessed would be sent.

export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly problem: string };

/** Bytes of one text at most: JavaScript holds no string of more than half a gigabyte. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Bytes as UTF-8 text, without a byte order mark; otherwise why not, with the line of the first wrong byte. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const other = otherEncoding(bytes);
  if (other !== undefined) return { ok: false, line: 1, problem: isEncodedAs(other) };
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

/** The problem of a text in another encoding, as `otherEncoding` names it. */
export const isEncodedAs = (encoding: string): string => `is ${encoding}, expected UTF-8; save it as UTF-8`;

/** UTF-16 or UTF-32, by its byte order mark or by the zero bytes of its first characters; undefined where it is neither. */
export function otherEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  return ENCODINGS.find(([, beginning]) => beginning.test(head))?.[0];
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

/** How texts begin, in hexadecimal: with a mark, or with ASCII in two or four bytes. */
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
