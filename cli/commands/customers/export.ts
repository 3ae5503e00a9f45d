import { SentientError } from "../../../domain/errors.ts";
import { type Acting, DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withOperations } from "../../operating.ts";
import { writeForOwner } from "../../owner-file.ts";

interface Export extends Operate, Acting {
  readonly id: string;
  readonly out: string | undefined;
}

export async function run({ id, out: file, json, ...on }: Export, io: Io): Promise<number> {
  const held = await withOperations(on, io, (operations, actor) => operations.customers.export({ id }, actor));
  const document = JSON.stringify(held, null, json ? undefined : 2);
  if (file === undefined) for (const line of document.split("\n")) io.out(line);
  else {
    write(file, document);
    const rows = Object.values(held.tables).reduce((sum, some) => sum + some.length, 1);
    if (json) io.out(JSON.stringify({ customerId: held.customerId, file, rows }));
    else io.out(`everything held about ${held.customerId} is in ${file}: ${rows} rows`);
  }
  return DONE;
}

// --- internal ---

/** Readable by its owner only: it contains personal data. */
function write(file: string, document: string): void {
  try {
    writeForOwner(file, `${document}\n`);
  } catch (error) {
    throw new SentientError("BAD_INPUT", `cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}
