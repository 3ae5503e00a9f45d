import { SentientError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import { iso } from "../../domain/values/time.ts";
import type { KeptProposal } from "../../store/store.ts";
import { replacedAfter } from "../../workspace/canaries/replaced.ts";
import type { GivenStatus } from "../../workspace/canaries/with-status.ts";
import { versionOf } from "../../workspace/check-files.ts";
import { type PlacedProposal, placeProposal } from "../../workspace/proposals/place-proposal.ts";
import { packFiles } from "../../workspace/versions/version-files.ts";
import { auditOf } from "../deps.ts";
import type { Actor, Of } from "../operation.ts";
import { type Assessment, isReady, keptAssessment, whyNotReady } from "./assessment.ts";
import { find, viewOf } from "./kept-proposal.ts";
import { assessed, type ProposalDeps, readAgain, unverified, type VersionInForce, versionInForce } from "./proposed-content.ts";
import type { ProposalOutcome } from "./views.ts";

export interface ApproveRequest extends Of {
  /** Of the proposal as it was read. */
  readonly hash: string;
  /** What it is published as; default: a canary. */
  readonly status?: GivenStatus | undefined;
}

export interface RejectRequest extends Of {
  readonly because?: string | undefined;
}

/**
 * Publishes the version in force with a proposal in it: assessed anew, over the version that it was assessed under.
 *
 * @throws CONFLICT where it was changed since it was read, was answered otherwise, has problems, golden decisions that do not pass, or where
 * other text is in force in its place by now; FORBIDDEN for who proposed or revised it
 */
export async function approve(request: ApproveRequest, actor: Actor, deps: ProposalDeps): Promise<ProposalOutcome> {
  const { id, hash, status = "canary" } = request;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const kept = await find(id, deps);
    refuseOtherHash(kept, hash);
    if (kept.status === "approved" && kept.answer?.as === (request.status ?? kept.answer?.as))
      return { ...(await viewOf(kept, deps)), changed: false };
    refuseAnswered(kept);
    refuseAuthor(kept, actor);
    const version = await versionInForce(deps);
    const placed = placeProposal(version.files, readAgain(kept), status);
    refuseOtherBase(kept, placed);
    const assessment = await assessed(placed, version.policyVersion, deps);
    if (!isReady(assessment)) throw await notReady(kept, assessment, deps);
    const done = await publish(kept, { status, version, placed, assessment }, actor, deps);
    if (done) return { ...(await viewOf(await find(kept.proposalId, deps), deps)), changed: true };
  }
  throw new SentientError("CONFLICT", "other versions were published each time while this was checked; approve it again");
}

/** Rejects a proposal, for good. A proposal that is rejected already stays so. */
export async function reject({ id, because }: RejectRequest, actor: Actor, deps: ProposalDeps): Promise<ProposalOutcome> {
  const kept = await find(id, deps);
  if (kept.status === "rejected") return { ...(await viewOf(kept, deps)), changed: false };
  refuseAnswered(kept);
  const { proposalId, hash } = kept;
  const changed = await deps.store.proposals.reject(
    { proposalId, hash },
    { ...answerBy(actor, deps), ...(because === undefined ? {} : { because }) },
    entryOf("proposal_rejected", kept, {}, actor, deps),
  );
  // Somebody else was faster: what has become of it is told.
  if (!changed) return reject({ id: proposalId, because }, actor, deps);
  return { ...(await viewOf(await find(proposalId, deps), deps)), changed };
}

/** @throws CONFLICT for a proposal that is no longer open */
export function refuseAnswered({ proposalId, status, answer }: KeptProposal): void {
  if (status === "open") return;
  const by = answer ? ` by ${answer.by} at ${iso(answer.at)}` : "";
  const as = answer?.as === undefined ? "" : ` as ${answer.as}`;
  throw new SentientError("CONFLICT", `proposal ${proposalId} was ${status}${as}${by}; propose it anew`, { reason: "answered" });
}

// --- internal ---

/** Each time another version was put in force while it was assessed. */
const MOST_TRIES = 3;

function refuseOtherHash({ proposalId, hash, authors }: KeptProposal, given: string): void {
  if (given === hash) return;
  const last = authors.at(-1);
  const revised = authors.length > 1 && last ? `: revised by ${last.by} at ${iso(last.at)}` : "";
  const why = hash.startsWith(given)
    ? `expected its whole hash, and this is the beginning: give ${hash}`
    : `its hash is not ${given}${revised}; read it again: npx sentient proposals show ${proposalId}`;
  throw new SentientError("CONFLICT", `proposal ${proposalId}: ${why}`, { reason: "hash_differs" });
}

function refuseAuthor({ proposalId, authors }: KeptProposal, { by }: Actor): void {
  const author = authors.find((one) => personIn(one.by) === personIn(by));
  if (!author) return;
  const did = author === authors[0] ? "proposed" : "revised";
  throw new SentientError("FORBIDDEN", `${by} has ${did} ${proposalId}; another person approves it`, { reason: "same_person" });
}

/** Names that a reader would take for the same. */
const personIn = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\s\p{C}]+/gu, " ")
    .trim();

/** What the approver has read was beside other text than what is in force. */
function refuseOtherBase({ proposalId, base }: KeptProposal, { over }: PlacedProposal): void {
  const changed = Object.keys({ ...base, ...over }).filter((name) => base[name] !== over[name]);
  if (changed.length === 0) return;
  throw new SentientError(
    "CONFLICT",
    `${changed.join(", ")}: what is in force there has changed since this was proposed, and approving it would undo that; bring it in, and revise it: npx sentient proposals revise ${proposalId} FILE`,
    { reason: "base_differs" },
  );
}

/** The finding is kept, so that whoever shows the proposal sees why. */
async function notReady(
  { proposalId, hash, assessment: before }: KeptProposal,
  assessment: Assessment,
  deps: ProposalDeps,
): Promise<SentientError> {
  await deps.store.proposals.assessed({ proposalId, hash }, keptAssessment(assessment));
  const { policyVersion } = assessment;
  const since = before.policyVersion === policyVersion ? "" : `; it was proposed under ${String(before.policyVersion).slice(0, 12)}`;
  const lines = whyNotReady(assessment);
  return new SentientError(
    "CONFLICT",
    [`proposal ${proposalId} cannot be approved under version ${policyVersion.slice(0, 12)}${since}`, ...lines].join("\n"),
    { reason: assessment.problems.length > 0 ? "problems" : "golden", isList: true },
  );
}

interface Approved {
  readonly status: GivenStatus;
  readonly version: VersionInForce;
  readonly placed: PlacedProposal;
  readonly assessment: Assessment;
}

/** False where another version is in force by now, or the proposal has changed: then it is looked at again. */
async function publish(
  kept: KeptProposal,
  { status, version, placed, assessment }: Approved,
  actor: Actor,
  deps: ProposalDeps,
): Promise<boolean> {
  const { proposalId, hash, because, experienceId } = kept;
  const policyVersion = versionOf(placed.files);
  const from = `proposal ${proposalId}`;
  const note = because === undefined ? experienceId : `${experienceId}: ${because}`;
  const answered = await deps.store.proposals.approve(
    { proposalId, hash },
    { ...answerBy(actor, deps), policyVersion, as: status },
    {
      publication: {
        policyVersion,
        at: deps.now(),
        by: actor.by,
        note,
        from,
        files: packFiles(placed.files) as JsonObject,
        codeOf: version.policyVersion,
        replacedIn: replacedAfter(placed.files),
      },
      entry: auditOf(deps, actor, { action: "published", target: policyVersion, details: { from, before: version.policyVersion } }),
      base: version,
      assessment: keptAssessment(assessment),
    },
    entryOf("proposal_approved", kept, { policyVersion, as: status }, actor, deps),
  );
  return answered === "done";
}

const answerBy = ({ by, isVerified = false }: Actor, { now }: ProposalDeps) => ({ by, at: now(), isVerified });

const entryOf = (action: string, { proposalId, experienceId, hash }: KeptProposal, more: JsonObject, actor: Actor, deps: ProposalDeps) =>
  auditOf(deps, actor, { action, target: proposalId, details: { experienceId, hash, ...more, ...unverified(actor) } });
