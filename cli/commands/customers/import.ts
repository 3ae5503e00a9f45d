import { type ImportResult, readCustomers } from "../../../intake/import-customers.ts";
import { type LineProblem, mergeProblems, ProblemList } from "../../../intake/line-problems.ts";
import { customerLines } from "../../../intake/read-customers.ts";
import { type Acting, DONE, FAILED } from "../../command.ts";
import type { Io } from "../../io.ts";
import { actorOf, type Operate, serverFor } from "../../operating.ts";
import type { ServerClient } from "../../server-client.ts";
import { keptInWords, sharedInWords } from "../../views/run-summary.ts";
import { tellWrongLines } from "../../views/wrong-lines.ts";
import { withStore, workspaceOfStore } from "../../with-store.ts";

interface Import extends Operate, Acting {
  readonly file: string;
}

export async function run({ file, json, ...on }: Import, io: Io): Promise<number> {
  const { imported, unchanged, sharedIdentities, unknownChannels, ...wrong } = await importFile(file, on, io);
  tellWrongLines({ file, ...wrong }, io);
  if (sharedIdentities > 0) io.warn(sharedInWords(sharedIdentities));
  if (unknownChannels) io.warn(keptInWords(unknownChannels));
  const notTaken = wrong.problems.length + wrong.moreProblems;
  const result = { imported, unchanged, sharedIdentities, ...wrong, ...(unknownChannels ? { unknownChannels } : {}) };
  if (json) io.out(JSON.stringify(result));
  else io.out(`${imported} imported, ${unchanged} known already, ${notTaken} not taken`);
  return notTaken > 0 ? FAILED : DONE;
}

// --- internal ---

/** Imports into the store, through the running server where one owns it. */
async function importFile(file: string, on: Omit<Import, "file" | "json">, io: Io): Promise<ImportResult> {
  const server = serverFor(on, io);
  if (server) return importThere(file, server);
  const read = readCustomers(file);
  return withStore(on, io, async (store) => {
    const { policy } = await workspaceOfStore(on, io, store);
    return store.importing(policy).customers(read, file, actorOf(on, io));
  });
}

/** Sends the lines unchanged, so that line numbers match; invalid UTF-8 cannot be sent and is reported here. */
async function importThere(file: string, server: ServerClient): Promise<ImportResult> {
  const texts: string[] = [];
  const problems = new ProblemList<LineProblem>();
  for (const found of customerLines(file)) {
    if ("text" in found) texts[found.line - 1] = found.text;
    else problems.add(found);
  }
  const body = Array.from(texts, (text = "") => text).join("\n");
  const { moreProblems = 0, ...result } = await server.postText<Omit<ImportResult, "moreProblems"> & Partial<ImportResult>>(
    "/v1/customers",
    body,
  );
  return { ...result, ...mergeProblems({ problems: problems.first, moreProblems: problems.more }, { ...result, moreProblems }) };
}
