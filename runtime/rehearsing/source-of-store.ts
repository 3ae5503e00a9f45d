import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import { notInStart, startOfStore } from "../../engine/playing/start-of-store.ts";
import { recordedStream } from "../../engine/recorded-stream.ts";
import { readDecision } from "../../off-policy/rows.ts";
import { earnedDecisions } from "../../operations/decisions/earned-decisions.ts";
import { rulesOf } from "../../rehearsal/results/rules.ts";
import type { Store } from "../../store/store.ts";
import { readRecord } from "./read-record.ts";
import type { LoggedRow, Side, Source } from "./source.ts";

/**
 * What a rehearsal is made from where there is a store: its recorded stream, what was decided on it, and its customers as they are. The store
 * is only read.
 *
 * @throws `BAD_INPUT` where no signal is recorded
 */
export async function sourceOfStore(store: Store, { policy }: Side, { most }: { readonly most: number }): Promise<Source> {
  const { at, history, customers } = await readRecord(store, { policy, most });
  const customerIds = customers.map(({ customerId }) => customerId);
  const { decisions: recorded } = await store.read.decisionsAfter(0);
  const lastRules = new Map<string, string | undefined>();
  const decisions = recorded.map((decision): Decision => {
    lastRules.set(decision.customerId, rulesOf(decision)[0]);
    return { ...decision, candidates: [], moments: [] };
  });
  const unplayed = notPutInForce(await store.versions.inForce(), policy);
  return {
    ...{ at, history, customers, decisions, lastRules, imported: [], isStored: true },
    stream: (importInto) => recordedStream(store, importInto),
    log: () => logOf(store, policy),
    notInStart: (other) => [...unplayed, ...notInStart(other)],
    byPeople: await store.canaries.list(),
    startFor: (other) => startOfStore(store, other, { customerIds, at }),
  };
}

// --- internal ---

/** A play begins with customers as they stand, as if under the policy that is compared with. */
function notPutInForce(inForce: string | undefined, { version }: Policy): string[] {
  if (inForce === undefined || inForce === version) return [];
  const [stands, compared] = [inForce, version].map((one) => one.slice(0, 12));
  return [
    `What putting version ${compared}, which is compared with, in force would change at once: customers are as version ${stands} has left them.`,
  ];
}

/** Read page by page, as `policy evaluate` reads it. */
async function* logOf(store: Store, policy: Policy): AsyncGenerator<LoggedRow> {
  for await (const decision of earnedDecisions(store, policy)) {
    const read = readDecision(decision);
    if (read.ok) yield { row: read.row, decisionId: decision.decisionId, policyVersion: decision.policyVersion };
  }
}
