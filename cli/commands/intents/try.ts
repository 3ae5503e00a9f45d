import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import type { Operate } from "../../operating.ts";
import { triedLines } from "../../views/tried.ts";
import { withLookUpsOrFolder } from "../../with-folder.ts";

export async function run({ text, json, ...on }: Operate & { readonly text: string }, io: Io): Promise<number> {
  const tried = await withLookUpsOrFolder(on, io, undefined, (lookUps) => lookUps.intents.try({ text }));
  if (json) io.out(JSON.stringify(tried));
  else for (const line of triedLines(tried, io.paint)) io.out(line);
  return DONE;
}
