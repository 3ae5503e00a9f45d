import { type Acting, type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withCanaries } from "../../versions.ts";

interface Approve extends OnStore, Acting, Pick<Common, "json"> {
  readonly id: string;
}

/** Publishes the changed file. */
export async function run({ id, json, ...on }: Approve, io: Io): Promise<number> {
  const result = await withCanaries(on, io, (canaries, actor) => canaries.approve({ id }, actor));
  if (json) io.out(JSON.stringify(result));
  else io.out(`${id} is approved for all customers: version ${result.policyVersion.slice(0, 12)} is in force, with ${result.file} changed`);
  return DONE;
}
