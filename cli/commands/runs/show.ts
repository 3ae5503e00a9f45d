import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type LookUp, withLookUps } from "../../looking-up.ts";
import { runLines } from "../../views/run.ts";

export async function run({ id, json, ...on }: LookUp & { readonly id: string }, io: Io): Promise<number> {
  const found = await withLookUps(on, io, (look) => look.run(id));
  if (json) io.out(JSON.stringify(found));
  else for (const line of runLines(found, io)) io.out(line);
  return DONE;
}
