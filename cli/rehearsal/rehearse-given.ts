import { SentientError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/values/json.ts";
import type { KeptRequest, RehearsalProgress } from "../../operations/rehearsals/views.ts";
import { type KeptVersion, openVersion, openVersionKept } from "../../runtime/open-workspace.ts";
import { type OpenedStore, openStoreAlone } from "../../runtime/opened-store.ts";
import type { PlayedRehearsal } from "../../runtime/rehearsals/play-rehearsal.ts";
import { withoutNames } from "../../runtime/rehearsals/without-names.ts";
import { rehearse } from "../../runtime/rehearsing/rehearse.ts";
import { versionOf } from "../../workspace/check-files.ts";
import { placeProposal } from "../../workspace/proposals/place-proposal.ts";
import { readProposal } from "../../workspace/proposals/read-proposal.ts";
import { type PackedFiles, unpackFiles } from "../../workspace/versions/version-files.ts";
import type { Io } from "../io.ts";
import type { KeptCode } from "../proposals/assess-apart.ts";
import { type OpenSide, sideOf } from "./open-sides.ts";
import type { ToRehearse } from "./rehearse-apart.ts";

/** The fewest customers of a group: a result that is kept tells no value that only one person has, such as an address. */
const LEAST_OF_GROUP = 2;

/**
 * Plays a rehearsal that a server has kept. The store is only read.
 *
 * @param dir the workspace, whose code versions are compiled with
 * @throws CONFLICT where the proposal was changed since, or a version has other code; what `rehearse` throws
 */
export async function rehearseGiven(
  { request, files, store: place, bundles, bounds }: ToRehearse,
  dir: string,
  io: Io,
  onProgress: (progress: RehearsalProgress) => void,
): Promise<PlayedRehearsal> {
  const store = await openStoreAlone({ ...place, ...("databaseUrl" in place ? { readOnly: true } : {}), now: io.now });
  try {
    onProgress({ part: "reading", done: 0, text: "the store is read" });
    const against = await openSide(await versionIn(store, request.against), bundles?.against, dir, io);
    const other = await openSide(await withIn(store, request, files), bundles?.with, dir, io);
    const source = await store.rehearsalSource(sideOf(against, io), { most: request.customers });
    const { days, paths, seed, by, backtest } = request;
    const rows: PlayedRehearsal["rows"][number][] = [];
    const rehearsed = await rehearse(source, {
      ...{ against: sideOf(against, io), with: sideOf(other, io), days, paths, seed, by, backtest, bounds, leastOfGroup: LEAST_OF_GROUP },
      onProgress: (text, at) => onProgress({ ...at, text }),
      onRow: ({ customerId, part, cell, ...row }) => void rows.push({ customerId, part, cell, row: row as unknown as JsonObject }),
      isStopped: io.isStopped,
    });
    if (rehearsed.isStopped) throw new SentientError("INTERRUPTED", `it was stopped; done is ${rehearsed.done}`);
    return { result: withoutNames(rehearsed.result), rows };
  } finally {
    await store.close();
  }
}

// --- internal ---

async function versionIn(store: OpenedStore, policyVersion: string): Promise<KeptVersion> {
  const kept = await store.version(policyVersion);
  if (kept) return kept;
  throw new SentientError(
    "NOT_FOUND",
    `the files of version ${policyVersion.slice(0, 12)} are not kept any more; GET /v1/versions lists those that are`,
  );
}

/** The version that is rehearsed; of a proposal the version in force then, with it in force for everybody. */
async function withIn(store: OpenedStore, { with: side }: KeptRequest, given: PackedFiles | undefined): Promise<KeptVersion> {
  if (given) return { policyVersion: side.version, files: unpackFiles(given), replaced: {} };
  const version = await versionIn(store, side.version);
  if (!("proposal" in side)) return version;
  const { hash, experience, evals } = await store.proposals({ assess: neverAssessed }).show({ id: side.proposal });
  if (hash !== side.hash)
    throw new SentientError("CONFLICT", `proposal ${side.proposal} was revised since this rehearsal was asked for; start another one`);
  const proposal = readProposal(experience, evals);
  const { files } = placeProposal(version.files, proposal, "approved");
  return { policyVersion: versionOf(files), files, replaced: version.replaced };
}

const neverAssessed = (): never => {
  throw new SentientError("BAD_INPUT", "a rehearsal proposes nothing");
};

/** With the code that was kept with it, where that is run here; otherwise with that of the folder, which has to be the same. */
async function openSide(kept: KeptVersion, bundles: KeptCode | undefined, dir: string, io: Io): Promise<OpenSide> {
  const { policyVersion, replaced } = kept;
  const name = `version ${policyVersion.slice(0, 12)}`;
  if (!bundles) return { opened: await openVersion(kept, dir, io), replaced, name };
  return { opened: await openVersionKept(kept, bundles, dir, io), replaced, bundles, name };
}
