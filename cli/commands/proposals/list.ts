import type { ProposalOptions } from "../../../operations/proposals/proposals.ts";
import { type Common, DONE, type OnStore } from "../../command.ts";
import type { Io } from "../../io.ts";
import { proposalLines } from "../../proposals/views.ts";
import { withProposals } from "../../proposals/with-proposals.ts";
import { showList } from "../../views/operations.ts";

interface List extends OnStore, Pick<Common, "json"> {
  readonly limit: number;
  readonly status: ProposalOptions["status"];
}

export async function run({ limit, status, json, ...on }: List, io: Io): Promise<number> {
  const found = await withProposals(on, io, (proposals) => proposals.list({ limit, status }));
  showList(found, proposalLines, "nothing has been proposed", json, io, limit);
  return DONE;
}
