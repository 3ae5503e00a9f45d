import { SentientError } from "../../domain/errors.ts";
import type { Json } from "../../domain/values/json.ts";
import { DONE, FAILED } from "../command.ts";
import type { Io } from "../io.ts";
import type { Operate } from "../operating.ts";
import { writeForOwner } from "../owner-file.ts";
import { renderedLines } from "../views/rendered.ts";
import { withLookUpsOrFolder } from "../with-folder.ts";

interface Render extends Operate {
  readonly experience: string;
  readonly customer: string;
  readonly channel: string | undefined;
  readonly variant: string | undefined;
  readonly locale: string | undefined;
  readonly signal: Json | undefined;
  readonly html: string | undefined;
}

/** Shows a message as it would go. Fails where its text cannot be written. */
export async function run(
  { experience: id, customer, channel, variant, locale, signal, html: file, json, ...on }: Render,
  io: Io,
): Promise<number> {
  const asked = { id, customer, channel, variant, locale, signal };
  const { html, ...rendered } = await withLookUpsOrFolder(on, io, customer, (lookUps) => lookUps.experiences.render(asked));
  const isWritable = rendered.problems.length === 0;
  if (json) io.out(JSON.stringify({ ...rendered, ...(html === undefined ? {} : { html }) }));
  else for (const line of renderedLines(rendered, io)) io.out(line);
  if (file !== undefined && isWritable) writePage(file, html, rendered.channel, io);
  return isWritable ? DONE : FAILED;
}

// --- internal ---

/** Readable by its owner only: it contains personal data. */
function writePage(file: string, html: string | undefined, channel: string, io: Io): void {
  if (html === undefined)
    throw new SentientError("BAD_INPUT", `--html: ${channel} sends no mail; name a channel of kind smtp with --channel`);
  try {
    writeForOwner(file, html);
  } catch (error) {
    throw new SentientError("BAD_INPUT", `--html: cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
  io.note(`the mail is in ${file}`);
}
