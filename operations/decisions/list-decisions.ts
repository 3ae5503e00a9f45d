import type { Decision } from "../../domain/entities/decision.ts";
import type { Policy } from "../../domain/entities/policy.ts";
import type { Store } from "../../store/store.ts";
import type { Page } from "../operation.ts";
import { type LinesRequest, listLines } from "./list-lines.ts";
import type { DecisionLinesView } from "./views.ts";

/** Whole records, or lines. */
export type DecisionsRequest = (Page & { readonly order?: "newest" | undefined }) | LinesRequest;

interface Deps {
  readonly store: Store;
  readonly policy: () => Policy | Promise<Policy>;
}

/** Lists decisions: whole records with the latest last, or first where `order` says so, or a line each. */
export function listDecisions({ store, policy }: Deps) {
  function list(page: Page): Promise<Decision[]>;
  function list(request: LinesRequest): Promise<DecisionLinesView>;
  function list(request: DecisionsRequest): Promise<Decision[] | DecisionLinesView>;
  async function list(request: DecisionsRequest): Promise<Decision[] | DecisionLinesView> {
    if ("view" in request) return listLines(request, store, await policy());
    const { order, ...page } = request;
    const decisions = await store.read.decisions(page);
    return order === "newest" ? decisions.reverse() : decisions;
  }
  return list;
}
