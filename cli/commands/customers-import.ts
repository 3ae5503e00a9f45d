import { readFileSync } from "node:fs";
import { importCustomers, readCustomers } from "../../runtime/import-customers.ts";
import { type Arguments, type Command, DONE, FAILED } from "../command.ts";
import type { Io } from "../io.ts";
import { ownerOf } from "../looking-up.ts";
import { actorOf } from "../operating.ts";
import { sharedInWords } from "../views/run-summary.ts";
import { withStore, workspaceOfStore } from "../with-store.ts";

export const command: Command = {
  async run(args, io) {
    const file = args.positionals[0] ?? "";
    const { imported, unchanged, sharedIdentities, problems } = await importFile(file, args, io);
    for (const { line, problem } of problems) io.warn(`${io.paint.red("✗")} ${file}:${line}: ${problem}`);
    if (sharedIdentities > 0) io.warn(sharedInWords(sharedIdentities));
    if (args.options.json === true) io.out(JSON.stringify({ imported, unchanged, sharedIdentities, problems }));
    else io.out(`${imported} imported, ${unchanged} known already, ${problems.length} not taken`);
    return problems.length > 0 ? FAILED : DONE;
  },
};

// --- internal ---

interface Imported {
  readonly imported: number;
  readonly unchanged: number;
  readonly sharedIdentities: number;
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

/** Into the store, by the running server where one owns it. */
async function importFile(file: string, args: Arguments, io: Io): Promise<Imported> {
  const { lines, problems } = readCustomers(file);
  const server = ownerOf(args, io);
  if (server) return server.postText("/v1/customers", readFileSync(file, "utf8"));
  return withStore(args, io, async (store) => {
    const { policy } = await workspaceOfStore(args, io, store);
    const result = await importCustomers(lines, io.now(), store, policy);
    const { by, note } = actorOf(args, io);
    const details = { ...result, problems: problems.length, ...(note === undefined ? {} : { note }) };
    await store.operations.record({ at: io.now(), by, action: "customers.imported", target: file, details });
    return { ...result, problems };
  });
}
