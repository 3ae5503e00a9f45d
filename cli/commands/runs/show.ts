import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { runLines } from "../../views/run.ts";

export async function run({ id, json, ...on }: Operate & { readonly id: string }, io: Io): Promise<number> {
  const found = await withLookUps(on, io, (lookUps) => lookUps.runs.show({ id }));
  if (json) io.out(JSON.stringify(found));
  else for (const line of runLines(found, io)) io.out(line);
  return DONE;
}
