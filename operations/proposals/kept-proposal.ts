import { iso } from "../../domain/values/time.ts";
import type { KeptProposal } from "../../store/store.ts";
import { type PlacedProposal, placeProposal } from "../../workspace/proposals/place-proposal.ts";
import { textsOf } from "../../workspace/proposals/texts-of.ts";
import { compareFiles } from "../../workspace/versions/compare-files.ts";
import { type PackedFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import { only } from "../deps.ts";
import { assessedView, assessmentOf, isReady } from "./assessment.ts";
import { recordsOf } from "./evidence.ts";
import { type ProposalDeps, readAgain } from "./proposed-content.ts";
import { rehearsedWith } from "./rehearsed.ts";
import type { ProposalLine, ProposalView } from "./views.ts";

/**
 * The proposal of an id, or of the beginning of one.
 *
 * @throws `NOT_FOUND`; `BAD_INPUT` where several begin so
 */
export const find = async (id: string, { store }: Pick<ProposalDeps, "store">): Promise<KeptProposal> =>
  only("proposal", id, await store.proposals.beginningWith(id, 2), ({ proposalId }) => proposalId, HINT);

/** As a list has it. */
export function lineOf(kept: KeptProposal): ProposalLine {
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
export async function viewOf(kept: KeptProposal, deps: ProposalDeps): Promise<ProposalView> {
  const { versions } = deps.store;
  const beside = kept.status === "open" ? await versions.inForce() : assessmentOf(kept.assessment).policyVersion;
  const files = unpackFiles(((beside === undefined ? undefined : await versions.files(beside)) ?? {}) as PackedFiles); // written by `packFiles`
  const placed = placeProposal(files, readAgain(kept), kept.answer?.as ?? "canary");
  const shown = ({ file, text, before }: PlacedProposal["experience"], written: string) => ({
    ...{ file, text: written, willBe: text },
    ...(before === undefined ? {} : { inForce: before }),
  });
  return {
    ...lineOf(kept),
    experience: shown(placed.experience, kept.experience),
    evals: placed.evals.map((one, index) => shown(one, kept.evals[index]?.text ?? "")),
    ...{ diff: diffOf(placed), texts: textsOf(placed.experience.text) },
    ...(await rehearsedWith(kept, deps.store)),
    records: await recordsOf(kept.evidence, deps.store),
  };
}

// --- internal ---

const HINT = "; npx sentient proposals list shows the ids";

/** Its files as they will be beside those in their place. */
function diffOf({ experience, evals }: PlacedProposal): ProposalView["diff"] {
  const files = [experience, ...evals];
  const before = files.flatMap(({ file, before: text }) => (text === undefined ? [] : [[file, Buffer.from(text)] as const]));
  return compareFiles(new Map(before), new Map(files.map(({ file, text }) => [file, Buffer.from(text)])));
}
