import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { SentientError } from "../../domain/errors.ts";
import { decodeText } from "../../domain/values/utf8.ts";
import { type GivenFile, MOST_BYTES } from "../../workspace/proposals/read-proposal.ts";
import { whyNoFile } from "../../workspace/regular-file.ts";

/**
 * Reads a file that is given with a proposal.
 *
 * @throws BAD_INPUT where it is no file, no UTF-8, or too large
 */
export function readGiven(path: string): GivenFile {
  const why = existsSync(path) ? whyNoFile(path) : "is not there";
  if (why !== undefined) throw new SentientError("BAD_INPUT", `${path}: ${why}`);
  const bytes = readFileSync(path);
  if (bytes.length > MOST_BYTES)
    throw new SentientError("BAD_INPUT", `${path}: ${bytes.length} bytes; a file that is proposed has at most ${MOST_BYTES}`);
  const read = decodeText(bytes);
  if (!read.ok) throw new SentientError("BAD_INPUT", `${path}:${read.line}: ${read.problem}`);
  return { file: basename(path), text: bytes.toString("utf8") };
}
