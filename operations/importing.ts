import { type ImportResult, importCustomers } from "../intake/import-customers.ts";
import { mergeProblems } from "../intake/line-problems.ts";
import type { ReadCustomers } from "../intake/read-customers.ts";
import { auditOf, type OperationDeps } from "./deps.ts";
import type { Actor } from "./operation.ts";

/** Imports of golden records. */
export interface Importing {
  /**
   * Imports what was read, and leaves a line in the audit. A line that was imported before changes nothing.
   *
   * @param from what it was read from, for the audit
   */
  customers(read: ReadCustomers, from: string, actor: Actor): Promise<ImportResult>;
}

export function createImporting(deps: Pick<OperationDeps, "store" | "policy" | "now">): Importing {
  const { store, policy, now } = deps;
  return {
    async customers({ lines, ...wrong }, from, actor) {
      const imported = await importCustomers(lines, now(), store, policy);
      const { problems, moreProblems } = mergeProblems(wrong, imported);
      const { problems: _problems, moreProblems: _moreProblems, ...counts } = imported;
      const details = { ...counts, problems: problems.length + moreProblems };
      await store.operations.record(auditOf(deps, actor, { action: "customers.imported", target: from, details }));
      return { ...counts, problems, moreProblems };
    },
  };
}
