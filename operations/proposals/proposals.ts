import { createHash } from "node:crypto";
import { idFrom } from "../../domain/entities/wake.ts";
import { SentientError } from "../../domain/errors.ts";
import { canonicalJson, type Json } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { KeptProposal, ProposalAuthor, ProposalContent, ProposalStatus, Store } from "../../store/store.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { problemsError } from "../../workspace/problem.ts";
import { type PlacedProposal, placeProposal } from "../../workspace/proposals/place-proposal.ts";
import { type GivenFile, readProposal } from "../../workspace/proposals/read-proposal.ts";
import { type PackedFiles, problemsOfFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import { auditOf, type OperationDeps } from "../deps.ts";
import { type PageFrom, pagedList } from "../monitoring/paged-list.ts";
import type { Actor, List, Of, Page } from "../operation.ts";
import { type Assess, type Assessment, assessedView, assessmentOf, isReady, keptAssessment } from "./assessment.ts";
import { evidenceOf, recordsOf } from "./evidence.ts";
import type { ProposalLine, ProposalOutcome, ProposalView } from "./views.ts";

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
  };
}

export interface ProposalOptions extends Pick<Page, "limit"> {
  readonly status?: ProposalStatus | undefined;
}

export interface ProposeRequest {
  /** Texts, each with the name of its file, which tells where a problem is. */
  readonly experience: GivenFile;
  readonly evals?: readonly GivenFile[] | undefined;
  readonly because?: string | undefined;
  /** Ids of records, or their beginnings. */
  readonly evidence?: readonly string[] | undefined;
}

export interface ProposalDeps extends Pick<OperationDeps, "now"> {
  readonly store: Store;
  readonly newId: () => string;
  readonly assess: Assess;
}

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
  };
}

// --- internal ---

async function propose(request: ProposeRequest, actor: Actor, deps: ProposalDeps): Promise<ProposalOutcome> {
  const content = await contentOf(request, deps);
  const proposalId = idFrom("prop", deps.newId());
  const { experienceId, hash } = content;
  const kept = await deps.store.proposals.add(
    { ...content, proposalId, author: authorOf(actor, hash, deps) },
    auditOf(deps, actor, { action: "proposal_made", target: proposalId, details: { experienceId, hash, ...unverified(actor) } }),
  );
  return { ...(await viewOf(kept, deps)), changed: kept.proposalId === proposalId };
}

/** What is proposed, with what is found in the version in force with it. */
async function contentOf(request: ProposeRequest, deps: ProposalDeps): Promise<ProposalContent> {
  const { experience, evals = [], because, evidence = [] } = request;
  const read = readProposal(experience, evals);
  const records = await evidenceOf(evidence, deps.store);
  const version = await versionInForce(deps);
  const placed = placeProposal(version.files, read, "canary");
  const beyond = problemsOfFiles(placed.files);
  if (beyond.length > 0) throw problemsError(beyond, "BAD_INPUT", "the version with it");
  const written = {
    ...{ experienceId: read.experienceId, experience: read.experience, evidence: records },
    evals: read.evals.map(({ file, text }) => ({ file, text })),
    ...(because === undefined ? {} : { because }),
  };
  return {
    ...{ ...written, hash: hashOf(written), base: placed.over },
    assessment: keptAssessment(await assessed(placed, version.policyVersion, deps)),
  };
}

/** Of all that its authors wrote: what is approved, and why it is to be. */
const hashOf = (written: Omit<ProposalContent, "hash" | "base" | "assessment">): string =>
  createHash("sha256")
    .update(canonicalJson(written as unknown as Json))
    .digest("hex");

interface VersionFiles {
  readonly policyVersion: string;
  readonly files: WorkspaceFiles;
}

async function versionInForce({ store: { versions } }: Pick<ProposalDeps, "store">): Promise<VersionFiles> {
  const policyVersion = await versions.inForce();
  const files = policyVersion === undefined ? undefined : await versions.files(policyVersion);
  if (policyVersion === undefined || !files)
    throw new SentientError(
      "CONFLICT",
      "no version is in force that this could be proposed for; publish the folder first: npx sentient publish DIR",
    );
  return { policyVersion, files: unpackFiles(files as PackedFiles) }; // written by `packFiles`
}

async function assessed({ files, evals }: PlacedProposal, policyVersion: string, { assess, now }: ProposalDeps): Promise<Assessment> {
  const { problems, golden } = await assess(files);
  const brought = new Set(evals.map(({ file }) => file));
  return { policyVersion, at: now(), problems, golden: golden.map((one) => ({ ...one, brought: brought.has(one.file) })) };
}

const authorOf = ({ by, isVerified = false }: Actor, hash: string, { now }: ProposalDeps): ProposalAuthor => ({
  by,
  at: now(),
  hash,
  isVerified,
});

const unverified = ({ isVerified }: Actor): { readonly unverified?: true } => (isVerified === true ? {} : { unverified: true });

async function find(id: string, { store }: Pick<ProposalDeps, "store">): Promise<KeptProposal> {
  const [first, second] = await store.proposals.beginningWith(id, 2);
  if (first === undefined)
    throw new SentientError("NOT_FOUND", `no proposal ${id} in the store; npx sentient proposals list shows the ids`);
  if (second !== undefined && first.proposalId !== id)
    throw new SentientError("BAD_INPUT", `several proposals begin with ${id}; give more of the id`);
  return first;
}

function lineOf(kept: KeptProposal): ProposalLine {
  const { proposalId, experienceId, hash, status, because, evidence, authors } = kept;
  const assessment = assessmentOf(kept.assessment);
  const [first, ...others] = authors;
  const last = others.at(-1);
  const isVerified = [...authors, ...(kept.answer ? [kept.answer] : [])].every((one) => one.isVerified);
  return {
    ...{ proposalId, experienceId, hash, status, by: first?.by ?? "" },
    ...(because === undefined ? {} : { because }),
    ...{ evidence, problems: assessment.problems, golden: assessment.golden, ready: isReady(assessment) },
    createdAt: iso(first?.at ?? 0),
    ...(last ? { revisedAt: iso(last.at) } : {}),
    authors: authors.map(({ by, at, hash: then, isVerified: isKnown }) => ({
      ...{ by, at: iso(at), hash: then },
      ...(isKnown ? {} : { unverified: true as const }),
    })),
    assessed: assessedView(assessment),
    ...(isVerified ? {} : { unverified: true as const }),
    ...answerOf(kept),
  };
}

function answerOf({ answer }: KeptProposal) {
  if (!answer) return {};
  const { at, by, because, policyVersion, as } = answer;
  return {
    ...{ answeredAt: iso(at), answeredBy: by },
    ...(because === undefined ? {} : { answer: because }),
    ...(policyVersion === undefined ? {} : { policyVersion }),
    ...(as === undefined ? {} : { publishedAs: as }),
  };
}

/** With its texts beside those in force; of one that was answered, beside those that were in force under the version it was assessed under. */
async function viewOf(kept: KeptProposal, deps: ProposalDeps): Promise<ProposalView> {
  const { versions } = deps.store;
  const beside = kept.status === "open" ? await versions.inForce() : assessmentOf(kept.assessment).policyVersion;
  const files = unpackFiles(((beside === undefined ? undefined : await versions.files(beside)) ?? {}) as PackedFiles); // written by `packFiles`
  const read = readProposal({ file: `${kept.experienceId}.yaml`, text: kept.experience }, kept.evals);
  const placed = placeProposal(files, read, kept.answer?.as ?? "canary");
  const shown = ({ file, text, before }: PlacedProposal["experience"], written: string) => ({
    ...{ file, text: written, willBe: text },
    ...(before === undefined ? {} : { inForce: before }),
  });
  return {
    ...lineOf(kept),
    experience: shown(placed.experience, kept.experience),
    evals: placed.evals.map((one, index) => shown(one, kept.evals[index]?.text ?? "")),
    records: await recordsOf(kept.evidence, deps.store),
  };
}
