import { foundIn, recordedInWords } from "../../rehearsal/results/words.ts";
import type { KeptProposal, Store } from "../../store/store.ts";
import { lineOf, resultOf } from "../rehearsals/kept-rehearsal.ts";
import type { KeptResult } from "../rehearsals/views.ts";
import type { ProposalView } from "./views.ts";

/** The newest rehearsal of a proposal, in sentences where it is done. */
export async function rehearsedWith(
  { proposalId }: Pick<KeptProposal, "proposalId">,
  store: Pick<Store, "rehearsals">,
): Promise<Pick<ProposalView, "rehearsal">> {
  const kept = await store.rehearsals.ofProposal(proposalId);
  if (!kept) return {};
  const { rehearsalId, status, at, request, error } = lineOf(kept);
  const result = status === "done" ? await resultOf(rehearsalId, store) : undefined;
  return {
    rehearsal: {
      ...{ rehearsalId, status, at, hash: "proposal" in request.with ? request.with.hash : "", simulated: true },
      ...(result ? { found: foundBy(result) } : {}),
      ...(error ? { why: error.message } : {}),
    },
  };
}

// --- internal ---

const foundBy = ({ recorded, forward: { difference, against } }: KeptResult): string[] => [
  recordedInWords(recorded),
  ...foundIn({ difference, against, leftOut: [] }),
];
