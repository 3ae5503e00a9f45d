import type { Operations } from "./operation.ts";
import { approvalOperations } from "./operations-approvals.ts";
import { customerOperations } from "./operations-customers.ts";
import { deadOperations } from "./operations-dead.ts";
import { auditView, type OperationDeps } from "./operations-deps.ts";
import { pauseOperations } from "./operations-pauses.ts";
import { promiseOperations } from "./operations-promises.ts";
import { runOperations } from "./operations-runs.ts";
import { taskOperations } from "./operations-tasks.ts";

/** Everything an operator does, on a store; what follows for a customer is left to whoever decides, as a timer that is due. */
export function createOperations(deps: OperationDeps): Operations {
  return {
    tasks: taskOperations(deps),
    approvals: approvalOperations(deps),
    promises: promiseOperations(deps),
    runs: runOperations(deps),
    customers: customerOperations(deps),
    pauses: pauseOperations(deps),
    dead: deadOperations(deps),
    audit: { list: async (options) => (await deps.store.operations.audit(options)).map(auditView) },
  };
}
