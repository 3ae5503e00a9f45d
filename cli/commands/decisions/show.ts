import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type LookUp, withLookUps } from "../../looking-up.ts";

export async function run({ id, json, ...on }: LookUp & { readonly id: string }, io: Io): Promise<number> {
  const decision = await withLookUps(on, io, (look) => look.decision(id));
  io.out(JSON.stringify(decision, null, json ? undefined : 2));
  return DONE;
}
