import { decoded, isEncodedAs, NOT_UTF8, otherEncoding } from "./utf8.ts";

/** A line of a JSON-lines file, counted from 1: its text, or why it cannot be read. */
export type Line = { readonly line: number; readonly text: string } | { readonly line: number; readonly problem: string };

/** Splits bytes into the lines of a JSON-lines file; blank lines are skipped. */
export interface LineCutter {
  /** The lines completed by these bytes. */
  push(bytes: Uint8Array): Line[];
  /** The last line, where no newline ends it. */
  end(): Line[];
}

/** Memory is bounded by `maxBytes` and the chunk: of a longer line only the length is kept. */
export const cutLines = (maxBytes: number): LineCutter => new Cutter(maxBytes);

/** The lines of a complete file. */
export function linesIn(bytes: Uint8Array, maxBytes: number): Line[] {
  const cutter = cutLines(maxBytes);
  return [...cutter.push(bytes), ...cutter.end()];
}

/** The lines of a stream, incrementally. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>, maxBytes: number): AsyncGenerator<Line> {
  const cutter = cutLines(maxBytes);
  for await (const chunk of chunks) yield* cutter.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  yield* cutter.end();
}

// --- internal ---

const LF = 10;
const CR = 13;
/** A UTF-8 character takes at most four bytes, and so does a byte order mark of any encoding. */
const MARK = 4;

const ARRAY = "is a JSON array; expected one JSON object a line, as `jq -c '.[]'` writes them";

class Cutter implements LineCutter {
  private readonly maxBytes: number;
  private line = 1;
  /** Beginning of the unfinished line, and its length. */
  private pieces: Uint8Array[] = [];
  private length = 0;
  /** The first bytes, until there are enough to detect the encoding. */
  private head: Uint8Array | undefined = new Uint8Array();
  private isFirst = true;
  private afterCr = false;
  /** The rest of the input is unreadable. */
  private isOver = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  push(bytes: Uint8Array): Line[] {
    if (this.head === undefined) return this.cut(bytes);
    const head = this.head.length === 0 ? bytes : Buffer.concat([this.head, bytes]);
    if (head.length < MARK) {
      this.head = head;
      return [];
    }
    return this.begin(head);
  }

  end(): Line[] {
    const lines = this.head === undefined ? [] : this.begin(this.head);
    if (this.length > 0) lines.push(...this.take());
    return lines;
  }

  private begin(head: Uint8Array): Line[] {
    this.head = undefined;
    const other = otherEncoding(head);
    if (other === undefined) return this.cut(head);
    this.isOver = true;
    return [{ line: 1, problem: isEncodedAs(other) }];
  }

  /** A line ends with LF, CR LF or CR; JSON escapes all of them within strings. */
  private cut(bytes: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (const end of lineEndsIn(bytes)) {
      if (this.isOver) return lines;
      const isSecondOfTwo = this.afterCr && end === from && bytes[end] === LF;
      this.keep(bytes.subarray(from, end));
      if (!isSecondOfTwo) lines.push(...this.take());
      this.afterCr = bytes[end] === CR;
      from = end + 1;
    }
    if (from < bytes.length) this.afterCr = false;
    if (!this.isOver) this.keep(bytes.subarray(from));
    return lines;
  }

  private keep(piece: Uint8Array): void {
    if (piece.length === 0) return;
    const room = this.maxBytes + MARK - this.length;
    // A copy: the caller may reuse the chunk's buffer, and a slice would retain the whole chunk.
    if (room > 0) this.pieces.push(Buffer.from(piece.subarray(0, room)));
    this.length += piece.length;
  }

  private take(): Line[] {
    const { line, length, pieces } = this;
    const [first] = pieces;
    const bytes = first && pieces.length === 1 ? first : Buffer.concat(pieces);
    this.line++;
    this.pieces = [];
    this.length = 0;
    const marked = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    if (length - marked > this.maxBytes) {
      const isArray = this.isFirst && startsArray(bytes.subarray(marked));
      this.isFirst = false;
      return [{ line, problem: isArray ? ARRAY : `${length - marked} bytes, at most ${this.maxBytes} are taken` }];
    }
    const text = decoded(bytes);
    if (text === undefined) {
      this.isFirst = false;
      return [{ line, problem: NOT_UTF8 }];
    }
    if (text.trim() === "") return [];
    const isArray = this.isFirst && /^\s*\[/.test(text);
    this.isFirst = false;
    if (!isArray) return [{ line, text }];
    // A broken line does not affect the others, but a JSON array spread over lines breaks every one.
    this.isOver = !isJson(text);
    return [{ line, problem: ARRAY }];
  }
}

/** Positions of LF and CR, in order. */
function* lineEndsIn(bytes: Uint8Array): Generator<number> {
  let lf = bytes.indexOf(LF);
  let cr = bytes.indexOf(CR);
  while (lf >= 0 || cr >= 0) {
    if (cr < 0 || (lf >= 0 && lf < cr)) {
      yield lf;
      lf = bytes.indexOf(LF, lf + 1);
    } else {
      yield cr;
      cr = bytes.indexOf(CR, cr + 1);
    }
  }
}

const startsArray = (bytes: Uint8Array): boolean => {
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09);
  return first === 0x5b;
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
