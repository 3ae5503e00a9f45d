import { explainCandidate } from "../../domain/deciding/explain.ts";
import { type Explained, explainWithCost } from "../../domain/deciding/explained.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { SentientError } from "../../domain/errors.ts";
import type { WhatIf } from "../../engine/considering/consider-again.ts";
import type { Store } from "../../store/store.ts";

export interface ExplainRequest {
  /** The id of the decision, or the beginning of it. */
  readonly id: string;
  /** The id of an experience that was looked at, also one that the record only counts. */
  readonly experience?: string | undefined;
}

interface ExplainDeps {
  readonly store: Pick<Store, "read">;
  /** The same decision again, with the candidate of an experience whole. */
  again(decision: Decision, experienceId: string): Promise<WhatIf>;
}

/**
 * Explains a decision from its record alone. With `experience` also that candidate: where the record only counts it, it is computed again under
 * the version that the decision names.
 *
 * @throws `NOT_FOUND` for an experience that was no candidate; `CONFLICT` where it would have to be computed again and cannot be, as for `what-if`
 */
export async function explainDecision({ id, experience }: ExplainRequest, deps: ExplainDeps): Promise<Explained> {
  const { read } = deps.store;
  const decision = await read.decision(id);
  const explained = explainWithCost(decision, await read.run(decision.runId));
  return experience === undefined ? explained : { ...explained, experience: await explainOne(decision, experience, deps) };
}

// --- internal ---

async function explainOne(decision: Decision, experienceId: string, { again }: ExplainDeps): Promise<NonNullable<Explained["experience"]>> {
  const { policyVersion, others = [] } = decision;
  const recorded = explainCandidate(decision, experienceId);
  if (recorded) return { ...recorded, computed: false, policyVersion };
  const after = others.length > 0 ? (await again(decision, experienceId)).after : null;
  const computed = after && explainCandidate(after, experienceId);
  if (computed) return { ...computed, computed: true, policyVersion };
  const open = decision.moments.map(({ name }) => name).join(", ");
  throw new SentientError(
    "NOT_FOUND",
    `${experienceId} was no candidate of ${decision.decisionId}: in its version ${policyVersion.slice(0, 12)} no approved experience of that id serves what was open (${open})`,
  );
}
