import { SentientError } from "../../../domain/errors.ts";
import { type Command, DONE, text } from "../../command.ts";
import { withOperations } from "../../operating.ts";
import { writeForOwner } from "../../owner-file.ts";

export const command: Command = {
  async run(args, io) {
    const [id = ""] = args.positionals;
    const held = await withOperations(args, io, (operations, actor) => operations.customers.export(id, actor));
    const file = text(args.options.out);
    const document = JSON.stringify(held, null, args.options.json === true ? undefined : 2);
    if (file === undefined) for (const line of document.split("\n")) io.out(line);
    else {
      write(file, document);
      const rows = Object.values(held.tables).reduce((sum, some) => sum + some.length, 1);
      if (args.options.json === true) io.out(JSON.stringify({ customerId: held.customerId, file, rows }));
      else io.out(`everything held about ${held.customerId} is in ${file}: ${rows} rows`);
    }
    return DONE;
  },
};

// --- internal ---

/** Readable by nobody else: it is about a person. */
function write(file: string, document: string): void {
  try {
    writeForOwner(file, `${document}\n`);
  } catch (error) {
    throw new SentientError("BAD_INPUT", `cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}
