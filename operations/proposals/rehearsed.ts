import { iso } from "../../domain/values/time.ts";
import { foundIn, recordedInWords } from "../../rehearsal/results/words.ts";
import type { KeptProposal, Store } from "../../store/store.ts";
import type { KeptRequest, KeptResult, RehearsalError } from "../rehearsals/views.ts";
import type { ProposalView } from "./views.ts";

/** The newest rehearsal of a proposal, in sentences where it is done. */
export async function rehearsedWith(
  { proposalId }: Pick<KeptProposal, "proposalId">,
  { rehearsals }: Pick<Store, "rehearsals">,
): Promise<Pick<ProposalView, "rehearsal">> {
  const kept = await rehearsals.ofProposal(proposalId);
  if (!kept) return {};
  const { rehearsalId, status, at, error } = kept;
  const { with: side } = kept.request as unknown as KeptRequest; // as `start` has written it
  const result = status === "done" ? await rehearsals.result(rehearsalId) : undefined;
  return {
    rehearsal: {
      ...{ rehearsalId, status, at: iso(at), hash: "proposal" in side ? side.hash : "", simulated: true },
      ...(result ? { found: foundBy(result as unknown as KeptResult) } : {}), // kept as `KeptResult`
      ...(error ? { why: (error as unknown as RehearsalError).message } : {}),
    },
  };
}

// --- internal ---

const foundBy = ({ recorded, forward: { difference, against } }: KeptResult): string[] => [
  recordedInWords(recorded),
  ...foundIn({ difference, against, leftOut: [] }),
];
