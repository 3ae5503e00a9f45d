import { DONE } from "../../command.ts";
import type { Io } from "../../io.ts";
import { type Operate, withLookUps } from "../../operating.ts";
import { showList } from "../../views/operations.ts";
import { foundLines } from "../../views/people.ts";

export async function run({ text, json, ...on }: Operate & { readonly text: string }, io: Io): Promise<number> {
  const { found } = await withLookUps(on, io, ({ search }) => search.find({ q: text }));
  showList(found, foundLines, "nothing found: ids are found by their beginning, addresses as a whole in any spelling", json, io);
  return DONE;
}
