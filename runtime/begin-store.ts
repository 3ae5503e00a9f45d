import type { Policy } from "../domain/entities/policy.ts";
import { importCustomers, readCustomers } from "../intake/import-customers.ts";
import { mergeProblems } from "../intake/line-problems.ts";
import type { Store } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import type { Workspace } from "../workspace/load.ts";

/** The setting that holds the workspace folder of the last process that filled the store. */
export const WORKSPACE_SETTING = "workspace";

/** `beginStore` with its arguments bound, for `beforeWork` of a service. */
export const beginWith =
  (workspace: Workspace, now: () => number, log: Log) =>
  (store: Store, policy: Policy): Promise<void> =>
    beginStore(workspace, store, policy, { now, log });

/**
 * Prepares the store of a service before any decision: records the workspace folder, so that later commands on this store find it, and
 * imports the workspace's `customers.jsonl`. An invalid line is logged as a warning.
 *
 * @param policy the one that is decided by, which may be of another version than the folder
 */
export async function beginStore(
  { dir, customersFile }: Workspace,
  store: Store,
  policy: Policy,
  { now, log }: { readonly now: () => number; readonly log: Log },
): Promise<void> {
  await store.commit([], { [WORKSPACE_SETTING]: dir });
  if (customersFile === undefined) return;
  const { lines, ...wrong } = readCustomers(customersFile);
  const { imported, ...refused } = await importCustomers(lines, now(), store, policy);
  const { problems, moreProblems } = mergeProblems(wrong, refused);
  for (const { line, problem } of problems) log.warn("a customer cannot be imported", { file: "customers.jsonl", line, problem });
  if (moreProblems > 0) log.warn("more customers cannot be imported", { file: "customers.jsonl", count: moreProblems });
  if (refused.unknownChannels) log.warn("consents for unknown channels are kept under their names", { channels: refused.unknownChannels });
  if (imported > 0) log.info("customers imported", { count: imported });
}
