import type { OutcomeKind } from "../../domain/entities/customer.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { experienceOf, type Policy } from "../../domain/entities/policy.ts";
import { earnedBy } from "../../domain/learning/lessons.ts";
import type { Instant } from "../../domain/values/time.ts";
import type { PlayedWake } from "../../engine/playing/play-wake.ts";
import { type LogRow, readDecision } from "../../off-policy/rows.ts";
import { sharingLists } from "../../off-policy/sharing.ts";
import type { LoggedRow } from "./source.ts";

/** The log that a play of a recorded stream writes, as a store would give it. Rows are kept, as records are many times larger. */
export class LogOfPlay {
  private readonly kept: (Omit<LoggedRow, "row"> & { readonly row: LogRow; readonly experienceId: string | undefined })[] = [];
  private readonly outcomes = new Map<string, Came[]>();
  private readonly shared = sharingLists();

  decided(decision: Decision): void {
    const read = readDecision(decision);
    if (!read.ok) return;
    const { decisionId, policyVersion, experienceId } = decision;
    const { choices: _choices, features, ...row } = read.row;
    this.kept.push({ decisionId, policyVersion, experienceId, row: { ...row, features: this.shared(features) } });
  }

  note({ committed }: PlayedWake): void {
    for (const { changes } of committed)
      for (const change of changes) {
        if (change.type !== "outcome_added") continue;
        const { deliveryId, kind, at } = change.outcome;
        this.outcomes.set(deliveryId, [...(this.outcomes.get(deliveryId) ?? []), { kind, at, reward: change.reward }]);
      }
  }

  async *rows(policy: Policy): AsyncGenerator<LoggedRow> {
    for (const { experienceId, row, ...about } of this.kept) {
      const experience = experienceId === undefined ? undefined : experienceOf(policy, experienceId);
      const earned = row.keys.map((key) => earnedBy(inOrder(this.outcomes.get(key) ?? []), experience));
      yield { ...about, row: { ...row, reward: earned.reduce((sum, one) => sum + one, 0) } };
    }
  }
}

// --- internal ---

interface Came {
  readonly kind: OutcomeKind;
  readonly at: Instant;
  readonly reward: number;
}

const inOrder = (outcomes: readonly Came[]): Came[] =>
  outcomes.toSorted((a, b) => a.at - b.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
