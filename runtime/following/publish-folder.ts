import { auditOf } from "../../operations/deps.ts";
import type { Bundle, Store } from "../../store/store.ts";
import type { Log } from "../../telemetry/log.ts";
import { replacedAfter } from "../../workspace/canaries/replaced.ts";
import type { WorkspaceFiles } from "../../workspace/check-files.ts";
import type { Workspace } from "../../workspace/load.ts";
import { problemsError } from "../../workspace/problem.ts";
import { packFiles, problemsOfFiles } from "../../workspace/versions/version-files.ts";

/**
 * When a process publishes the folder that it is started with. `first`: where nothing is in force. `new`: also over another version, unless this
 * one was in force here before: an old process of a rolling deployment that starts late puts nothing back. `always`: over any other version.
 */
export type PublishesFolder = "first" | "new" | "always";

export interface FolderOptions {
  readonly publishes: PublishesFolder;
  /** Where the folder is, as the list of versions names it. */
  readonly from: string;
  readonly bundle: () => Promise<readonly Bundle[]>;
  readonly now: () => number;
  readonly log: Log;
}

/** The actor of what a process does by itself. */
export const PUBLISHER = "sentient";

/** Publishes a folder where it should be; otherwise the version in force holds, and a folder that differs is told. */
export async function publishFolder({ files, policy }: Workspace, store: Store, options: FolderOptions): Promise<void> {
  const { publishes, log } = options;
  const { versions } = store;
  const { version } = policy;
  const inForce = await versions.inForce();
  if (inForce === version) return;
  const isAsked = publishes === "always" || (publishes === "new" && !(await versions.wasInForce(version)));
  if (inForce === undefined || isAsked) await publish({ files, version, inForce, isAsked }, store, options);
  const now = await versions.inForce();
  if (now !== version)
    log.warn("the folder differs from the version in force, which is decided by; npx sentient publish puts the folder in force", {
      ...{ folder: version, inForce: now },
    });
}

// --- internal ---

interface Publishing {
  readonly files: WorkspaceFiles;
  readonly version: string;
  readonly inForce: string | undefined;
  readonly isAsked: boolean;
}

async function publish(
  { files, version, inForce, isAsked }: Publishing,
  store: Store,
  { from, bundle, now, log }: FolderOptions,
): Promise<void> {
  const unfit = problemsOfFiles(files);
  if (unfit.length > 0) throw problemsError(unfit);
  const details = { from, ...(inForce === undefined ? {} : { before: inForce }) };
  const { changed } = await store.versions.publish(
    {
      policyVersion: version,
      at: now(),
      by: PUBLISHER,
      from,
      files: packFiles(files),
      bundles: await bundle(),
      replacedIn: replacedAfter(files),
    },
    auditOf({ now }, { by: PUBLISHER }, { action: "published", target: version, details }),
    // Of processes that start at the same time on a new store, one publishes.
    (current) => current === undefined || isAsked,
  );
  if (changed) log.info("the folder is published as the version in force", { policyVersion: version, from });
}
