import type { Actor } from "../../operations/operation.ts";
import type { ProposalDeps, ProposalOperations } from "../../operations/proposals/proposals.ts";
import type { ProposalOutcome } from "../../operations/proposals/views.ts";
import { SHORT } from "../../operations/rehearsals/short.ts";
import type { OpenedStore } from "../../runtime/opened-store.ts";
import type { PlayOptions } from "../../runtime/rehearsals/play-rehearsal.ts";
import type { Acting, OnStore } from "../command.ts";
import type { Io } from "../io.ts";
import { actorOf, serverFor } from "../operating.ts";
import { rehearsingApart } from "../rehearsal/rehearse-apart.ts";
import { remoteProposals } from "../remote.ts";
import { withStore, workspaceOfStore } from "../with-store.ts";
import { assessFiles } from "./assess-files.ts";

/**
 * Runs an operation on proposals, on the server that is given or owns the store, otherwise on the store itself: there with the code, and
 * the data for golden decisions, of the workspace's folder.
 */
export function withProposals<Result>(
  args: OnStore & Partial<Acting>,
  io: Io,
  work: (proposals: ProposalOperations["proposals"], actor: Actor) => Promise<Result>,
): Promise<Result> {
  const actor = actorOf(args, io);
  const server = serverFor(args, io);
  if (server) return work(remoteProposals(server, io.warn).proposals, actor);
  return withStore(args, io, (store) => work(store.proposals(assessing(store, args, io)), actor));
}

/**
 * Proposes or revises, and waits for the rehearsal where it is played here: on a server it goes on by itself.
 *
 * @param work proposes
 */
export function proposing(
  args: OnStore & Partial<Acting>,
  io: Io,
  work: (proposals: ProposalOperations["proposals"], actor: Actor) => Promise<ProposalOutcome>,
): Promise<ProposalOutcome> {
  if (serverFor(args, io)) return withProposals(args, io, work);
  return withStore(args, io, async (store) => {
    const dir = args.workspace ?? (await store.workspaceDir()) ?? ".";
    const play = rehearsingApart({ dir, environment: io.environment });
    const rehearsals = store.rehearsals((request, database, options) => play(request, database, telling(options, io)));
    let isAsked = false;
    const rehearse = async (proposal: string, actor: Actor): Promise<void> => {
      await rehearsals.operations.start({ ...SHORT, with: { proposal } }, actor);
      isAsked = true;
    };
    const proposals = store.proposals({ ...assessing(store, args, io), rehearse });
    const proposed = await work(proposals, actorOf(args, io));
    if (!isAsked) return proposed;
    const looking = setInterval(() => io.isStopped() && void rehearsals.stop(), LOOK_MS);
    try {
      await rehearsals.played();
    } finally {
      clearInterval(looking);
      await rehearsals.stop();
    }
    return { ...(await proposals.show({ id: proposed.proposalId })), changed: proposed.changed };
  });
}

// --- internal ---

/** How often it is looked whether a rehearsal is to stop: then it waits for whoever plays the next one. */
const LOOK_MS = 100;

const assessing = (store: OpenedStore, args: Pick<OnStore, "workspace">, io: Io): Pick<ProposalDeps, "assess"> => ({
  assess: async (files) => {
    const { opened } = await workspaceOfStore(args, io, store);
    const { tools, channels, workspace } = opened;
    return assessFiles(files, { code: { tools, channels }, dir: workspace.dir }, io);
  },
});

const telling = (options: PlayOptions, io: Pick<Io, "progress">): PlayOptions => ({
  ...options,
  onProgress(progress) {
    io.progress(`rehearsal: ${progress.text}`);
    options.onProgress(progress);
  },
});
