import { createHash } from "node:crypto";
import { SentientError } from "../../domain/errors.ts";
import { canonicalJson, type Json } from "../../domain/values/json.ts";
import type { ProposalAuthor, ProposalContent, Store, VersionToChange } from "../../store/store.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import { problemsError } from "../../workspace/problem.ts";
import { type PlacedProposal, placeProposal } from "../../workspace/proposals/place-proposal.ts";
import { type GivenFile, type ReadProposal, readProposal } from "../../workspace/proposals/read-proposal.ts";
import { type PackedFiles, problemsOfFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import type { OperationDeps } from "../deps.ts";
import type { Actor } from "../operation.ts";
import { type Assess, type Assessment, keptAssessment } from "./assessment.ts";

export interface ProposeRequest {
  /** Texts, each with the name of its file, which tells where a problem is. */
  readonly experience: GivenFile;
  readonly evals?: readonly GivenFile[] | undefined;
  readonly because?: string | undefined;
  /** Ids of records, or their beginnings. */
  readonly evidence?: readonly string[] | undefined;
  /** Whether it is rehearsed, where this process can; default: true. */
  readonly rehearsal?: boolean | undefined;
}

export interface ProposalDeps extends Pick<OperationDeps, "now"> {
  readonly store: Store;
  readonly newId: () => string;
  readonly assess: Assess;
  /** Has a proposal rehearsed, which ends later. */
  readonly rehearse?: ((proposalId: string, actor: Actor) => Promise<unknown>) | undefined;
}

/** Why something is proposed, with the whole ids of records. */
export interface Why {
  readonly because?: string | undefined;
  readonly evidence: readonly string[];
}

/** What is proposed, with what is found in the version in force with it. */
export async function contentOf(read: ReadProposal, why: Why, deps: ProposalDeps): Promise<ProposalContent> {
  const { because, evidence } = why;
  const version = await versionInForce(deps);
  const placed = placeProposal(version.files, read, "canary");
  const beyond = problemsOfFiles(placed.files);
  if (beyond.length > 0) throw problemsError(beyond, "BAD_INPUT", "the version with it");
  const written = {
    ...{ experienceId: read.experienceId, experience: read.experience, evidence },
    evals: read.evals.map(({ file, text }) => ({ file, text })),
    ...(because === undefined ? {} : { because }),
  };
  return {
    ...{ ...written, hash: hashOf(written), base: placed.over },
    assessment: keptAssessment(await assessed(placed, version.policyVersion, deps)),
  };
}

/** What was proposed, as it was read then. */
export const readAgain = ({ experienceId, experience, evals }: ProposalContent): ReadProposal =>
  readProposal({ file: `${experienceId}.yaml`, text: experience }, evals);

/** Of all that its authors wrote: what is approved, and why it is to be. */
const hashOf = (written: Omit<ProposalContent, "hash" | "base" | "assessment">): string =>
  createHash("sha256")
    .update(canonicalJson(written as unknown as Json))
    .digest("hex");

/** The version in force, as files to put something into. */
export interface VersionInForce extends Omit<VersionToChange, "files"> {
  readonly files: WorkspaceFiles;
}

/** @throws CONFLICT while nothing was published */
export async function versionInForce({ store: { proposals } }: Pick<ProposalDeps, "store">): Promise<VersionInForce> {
  const version = await proposals.inForce();
  if (!version)
    throw new SentientError(
      "CONFLICT",
      "no version is in force that this could be proposed for; publish the folder first: npx sentient publish DIR",
    );
  return { ...version, files: unpackFiles(version.files as PackedFiles) }; // written by `packFiles`
}

/** What is found in a version with a proposal in it. */
export async function assessed(
  { files, evals }: PlacedProposal,
  policyVersion: string,
  { assess, now }: ProposalDeps,
): Promise<Assessment> {
  const { problems, golden } = await assess(files);
  const brought = new Set(evals.map(({ file }) => file));
  return { policyVersion, at: now(), problems, golden: golden.map((one) => ({ ...one, brought: brought.has(one.file) })) };
}

export const authorOf = ({ by, isVerified = false }: Actor, hash: string, { now }: ProposalDeps): ProposalAuthor => ({
  by,
  at: now(),
  hash,
  isVerified,
});

/** For the audit. */
export const unverified = ({ isVerified }: Actor): { readonly unverified?: true } => (isVerified === true ? {} : { unverified: true });
