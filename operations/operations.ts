import { approvalOperations } from "./approvals.ts";
import { caseOperations } from "./cases.ts";
import { customerOperations } from "./customers.ts";
import { deadOperations } from "./dead.ts";
import { auditView, type OperationDeps } from "./deps.ts";
import { type PageFrom, pagedList } from "./monitoring/paged-list.ts";
import type { Operations, Page } from "./operation.ts";
import { pauseOperations } from "./pauses.ts";
import { promiseOperations } from "./promises.ts";
import { runOperations } from "./runs.ts";
import { taskOperations } from "./tasks.ts";

/** All operations on a store. Their consequences for a customer are left to the workers, as a timer that is due. */
export function createOperations(deps: OperationDeps): Operations {
  return {
    tasks: taskOperations(deps),
    approvals: approvalOperations(deps),
    promises: promiseOperations(deps),
    cases: caseOperations(deps),
    runs: runOperations(deps),
    customers: customerOperations(deps),
    pauses: pauseOperations(deps),
    dead: deadOperations(deps),
    audit: {
      list: pagedList(deps.store, "audit", {
        read: async (options: Page, page) => {
          const before = (page as PageFrom<number>)?.after;
          return { rows: (await deps.store.operations.audit({ ...options, before })).reverse() };
        },
        place: ({ auditId }) => auditId,
        show: (rows) => rows.map(auditView).reverse(),
      }),
    },
  };
}
