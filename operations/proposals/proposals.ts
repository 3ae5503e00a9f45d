import { idFrom } from "../../domain/entities/wake.ts";
import { SentientError } from "../../domain/errors.ts";
import type { KeptProposal, ProposalStatus } from "../../store/store.ts";
import { readProposal } from "../../workspace/proposals/read-proposal.ts";
import { auditOf } from "../deps.ts";
import { type PageFrom, pagedList } from "../monitoring/paged-list.ts";
import type { Actor, List, Of, Page } from "../operation.ts";
import { type ApproveRequest, approve, type RejectRequest, refuseAnswered, reject } from "./answer-proposal.ts";
import { assessmentOf } from "./assessment.ts";
import { evidenceOf } from "./evidence.ts";
import { find, lineOf, viewOf } from "./kept-proposal.ts";
import { authorOf, contentOf, type ProposalDeps, type ProposeRequest, unverified } from "./proposed-content.ts";
import type { ProposalLine, ProposalOutcome, ProposalView } from "./views.ts";

export type { ProposalDeps } from "./proposed-content.ts";

/** Changes of the catalogue that people propose, and others approve. */
export interface ProposalOperations {
  readonly proposals: {
    /** Newest first. */
    readonly list: List<ProposalOptions, "proposals", ProposalLine>;
    show(proposal: Of): Promise<ProposalView>;
    /**
     * Proposes an experience, with problems and golden decisions found when it returns. The same one by the same person again is the one that is
     * open. Throws `BAD_INPUT` for what is no experience, `CONFLICT` where no version is in force.
     */
    propose(request: ProposeRequest, actor: Actor): Promise<ProposalOutcome>;
    approve(request: ApproveRequest, actor: Actor): Promise<ProposalOutcome>;
    reject(request: RejectRequest, actor: Actor): Promise<ProposalOutcome>;
    /** Replaces what an open one says; what is found in it is found anew, and its author does not approve it either. */
    revise(request: ReviseRequest, actor: Actor): Promise<ProposalOutcome>;
  };
}

export interface ProposalOptions extends Pick<Page, "limit"> {
  readonly status?: ProposalStatus | undefined;
}

export interface ReviseRequest extends Of, ProposeRequest {}

export function proposalOperations(deps: ProposalDeps): ProposalOperations["proposals"] {
  const { proposals } = deps.store;
  return {
    list: pagedList(deps.store, "proposals", {
      read: async ({ limit, status }: ProposalOptions, page) => ({
        rows: await proposals.list({ limit, status, before: (page as PageFrom<number>)?.after }),
      }),
      place: ({ seq }) => seq,
      show: (rows) => rows.map(lineOf),
    }),
    show: async ({ id }) => viewOf(await find(id, deps), deps),
    propose: (request, actor) => propose(request, actor, deps),
    approve: (request, actor) => approve(request, actor, deps),
    reject: (request, actor) => reject(request, actor, deps),
    revise: (request, actor) => revise(request, actor, deps),
  };
}

// --- internal ---

async function propose(request: ProposeRequest, actor: Actor, deps: ProposalDeps): Promise<ProposalOutcome> {
  const { experience, evals = [], because, evidence = [] } = request;
  const read = readProposal(experience, evals);
  const content = await contentOf(read, { because, evidence: await evidenceOf(evidence, deps.store) }, deps);
  const proposalId = idFrom("prop", deps.newId());
  const { experienceId, hash } = content;
  const kept = await deps.store.proposals.add(
    { ...content, proposalId, author: authorOf(actor, hash, deps) },
    auditOf(deps, actor, { action: "proposal_made", target: proposalId, details: { experienceId, hash, ...unverified(actor) } }),
  );
  const changed = kept.proposalId === proposalId;
  if (changed) await rehearseIt(kept, request, actor, deps);
  return { ...(await viewOf(kept, deps)), changed };
}

/** What cannot be rehearsed now is proposed all the same. */
async function rehearseIt(
  kept: KeptProposal,
  { rehearsal = true }: ProposeRequest,
  actor: Actor,
  { rehearse }: ProposalDeps,
): Promise<void> {
  if (!rehearse || !rehearsal || assessmentOf(kept.assessment).problems.length > 0) return;
  try {
    await rehearse(kept.proposalId, actor);
  } catch (error) {
    if (!(error instanceof SentientError)) throw error;
  }
}

/** What is not given stays as it was. */
async function revise({ id, ...given }: ReviseRequest, actor: Actor, deps: ProposalDeps): Promise<ProposalOutcome> {
  const { experience } = given;
  const kept = await find(id, deps);
  refuseAnswered(kept);
  const { proposalId, experienceId } = kept;
  const read = readProposal(experience, given.evals ?? kept.evals);
  if (read.experienceId !== experienceId)
    throw new SentientError(
      "BAD_INPUT",
      `${experience.file}: id: proposal ${proposalId} is about ${experienceId}, and this is ${read.experienceId}; propose it by itself`,
    );
  const evidence = given.evidence ? await evidenceOf(given.evidence, deps.store) : kept.evidence;
  const content = await contentOf(read, { because: given.because ?? kept.because, evidence }, deps);
  const { hash } = content;
  const changed = hash !== kept.hash;
  const isDone = await deps.store.proposals.revise(
    { proposalId, hash: kept.hash },
    content,
    changed ? authorOf(actor, hash, deps) : undefined,
    auditOf(deps, actor, { action: "proposal_revised", target: proposalId, details: { experienceId, hash, ...unverified(actor) } }),
  );
  if (isDone) {
    const revised = await find(proposalId, deps);
    if (changed) await rehearseIt(revised, given, actor, deps);
    return { ...(await viewOf(revised, deps)), changed };
  }
  refuseAnswered(await find(proposalId, deps));
  throw new SentientError("CONFLICT", `proposal ${proposalId} was revised by somebody else meanwhile; read it again`);
}
