import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";

export async function run({ id, json, ...on }: Operate & { readonly id: string }, io: Io): Promise<number> {
  const decision = await withLookUps(on, io, (lookUps) => lookUps.decisions.show({ id }));
  io.out(JSON.stringify(decision, null, json ? undefined : 2));
  return DONE;
}
