import type { Actor } from "../../operations/operation.ts";
import type { ProposalOperations } from "../../operations/proposals/proposals.ts";
import type { Acting, OnStore } from "../command.ts";
import type { Io } from "../io.ts";
import { actorOf, serverFor } from "../operating.ts";
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
  return withStore(args, io, (store) =>
    work(
      store.proposals({
        assess: async (files) => {
          const { opened } = await workspaceOfStore(args, io, store);
          const { tools, channels, workspace } = opened;
          return assessFiles(files, { code: { tools, channels }, dir: workspace.dir }, io);
        },
      }),
      actor,
    ),
  );
}
