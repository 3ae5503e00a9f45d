import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { SentientError } from "../domain/errors.ts";
import { decodeText } from "../domain/values/utf8.ts";
import type { HttpRequest } from "./http-request.ts";

/** Maximum bytes of a request body after decompression. */
export const MOST_BYTES = 500 * 1024;

/** The body of a request, decompressed and never larger than `most`. */
export async function readBytes(request: Body, most = MOST_BYTES): Promise<Uint8Array> {
  const encoding = (request.headers.get("content-encoding") ?? "identity").toLowerCase();
  const packed = await request.read(most).catch(asEndedEarly);
  if (encoding === "identity" || encoding === "") return packed;
  const unpack = UNPACK[encoding];
  if (!unpack) throw new SentientError("BAD_INPUT", `content-encoding ${encoding} is not taken; expected gzip, deflate or br`);
  try {
    return await unpack(packed, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(most);
    throw new SentientError("BAD_INPUT", `the body is not ${encoding}`, { cause: error });
  }
}

/** The body as text. It has to be UTF-8, and the content type must not declare another charset. */
export async function readText(request: Body, most = MOST_BYTES): Promise<string> {
  const bytes = await readBytes(request, most);
  const read = decodeText(bytes);
  if (!read.ok) throw new SentientError("BAD_INPUT", `the body ${read.problem.replace(/; save.*/, "")}`);
  const type = request.headers.get("content-type") ?? "";
  if (!type.includes(";")) return read.text;
  const [, charset = "utf-8"] = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type) ?? [];
  if (isUtf8(charset) || (isLikeAscii(charset) && isAscii(bytes))) return read.text;
  throw new SentientError("BAD_INPUT", `content-type: charset ${charset} is not read; send UTF-8`);
}

export const tooLarge = (most: number): SentientError => new SentientError("TOO_LARGE", `at most ${most} bytes are taken`);

/** The body of a Fetch request, never larger than `most`. */
export async function readFetched(request: Request, most: number): Promise<Uint8Array> {
  const declared = declaredBytes(request);
  if (declared > most) throw tooLarge(most);
  // Node enforces the declared length.
  if (declared >= 0) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The length that a request declares; not a number where it declares none. */
export const declaredBytes = ({ headers }: Pick<HttpRequest, "headers">): number => Number(headers.get("content-length") ?? Number.NaN);

// --- internal ---

type Body = Pick<HttpRequest, "headers" | "read">;

const isUtf8 = (charset: string): boolean => /^utf-?8$/i.test(charset);
/** Some clients always declare one of these; for ASCII content they are equivalent. */
const isLikeAscii = (charset: string): boolean => /^(us-ascii|ascii|iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d)$/i.test(charset);
const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);

type Unpack = (packed: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const UNPACK: Readonly<Record<string, Unpack | undefined>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** The client has disconnected, or the body is malformed. */
function asEndedEarly(error: unknown): never {
  throw error instanceof SentientError ? error : new SentientError("BAD_INPUT", "the body ended early", { cause: error });
}
