import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { proposalText } from "../../proposals/views.ts";
import { withProposals } from "../../proposals/with-proposals.ts";

interface Show extends OnStore, Pick<Common, "json"> {
  readonly id: string;
}

export async function run({ id, json, ...on }: Show, io: Io): Promise<number> {
  const shown = await withProposals(on, io, (proposals) => proposals.show({ id }));
  if (json) io.out(JSON.stringify(shown));
  else for (const line of proposalText(shown, io.paint)) io.out(line);
  return DONE;
}
