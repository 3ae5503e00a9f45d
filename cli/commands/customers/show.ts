import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { profileLines } from "../../views/profile.ts";

export async function run({ id, json, ...on }: Operate & { readonly id: string }, io: Io): Promise<number> {
  const profile = await withLookUps(on, io, (lookUps) => lookUps.customers.show({ id }));
  if (json) io.out(JSON.stringify(profile));
  else for (const line of profileLines(profile, io.paint)) io.out(line);
  return DONE;
}
