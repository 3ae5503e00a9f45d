import { type Acting, type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { withCanaries } from "../../versions.ts";

interface Stop extends OnStore, Acting, Pick<Common, "json"> {
  readonly id: string;
}

export async function run({ id, json, ...on }: Stop, io: Io): Promise<number> {
  const result = await withCanaries(on, io, (canaries, actor) => canaries.stop({ id }, actor));
  if (json) io.out(JSON.stringify(result));
  else io.out(`${id} ${result.changed ? "is" : "was already"} stopped: ${result.stopped?.why ?? ""}`);
  return DONE;
}
