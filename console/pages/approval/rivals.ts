import type { z } from "zod";
import type { DecisionView } from "../../../operations/look-up-views.ts";

type Decision = z.infer<typeof DecisionView>;
type Candidate = Decision["candidates"][number];

/** An experience that competed, for a table. */
export interface Rival {
  readonly experienceId: string;
  readonly isChosen: boolean;
  readonly priority?: number;
  /** The priority is one that it would have had. */
  readonly isWould: boolean;
  readonly reason?: { readonly code: string; readonly detail?: string | undefined };
}

/** The chosen one first, then the others by the priority that they have or would have had. */
export function rivalsOf({ candidates }: Pick<Decision, "candidates">): readonly Rival[] {
  const rivals = candidates.map((candidate): Rival => {
    const score = candidate.score ?? candidate.wouldScore;
    const [reason] = candidate.reasons;
    return {
      experienceId: candidate.experienceId,
      isChosen: candidate.verdict === "chosen",
      ...(score ? { priority: score.priority } : {}),
      isWould: candidate.score === undefined,
      // The words of a model stand apart, with its name on them.
      ...(reason ? { reason: { code: reason.code, ...(reason.decidedBy === "model" ? {} : { detail: reason.detail }) } } : {}),
    };
  });
  return rivals.sort(
    (a, b) => Number(b.isChosen) - Number(a.isChosen) || Number(a.isWould) - Number(b.isWould) || (b.priority ?? -1) - (a.priority ?? -1),
  );
}

/** Statements of a language model about a decision's candidates. */
export const modelReasons = ({
  candidates,
}: Pick<Decision, "candidates">): readonly { readonly experienceId: string; readonly detail: string }[] =>
  candidates.flatMap(({ experienceId, reasons }) =>
    reasons.flatMap(({ decidedBy, detail }) => (decidedBy === "model" && detail !== undefined ? [{ experienceId, detail }] : [])),
  );

/** `2,400 = 0.5 (expected success) × 1 (context) × 4,800 (value) × 1 (lever)`. */
export function scoreWords({ candidates }: Pick<Decision, "candidates">, number: (value: number) => string): string | undefined {
  const score: Candidate["score"] = candidates.find(({ verdict }) => verdict === "chosen")?.score;
  if (!score) return undefined;
  const { priority, P, C, V, L } = score;
  return `${number(priority)} = ${number(P)} (expected success) × ${number(C)} (context) × ${number(V)} (value) × ${number(L)} (lever)`;
}
