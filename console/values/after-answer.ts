/** What of a decision says whether it came after something. */
export interface Decided {
  readonly decisionId: string;
  readonly decidedAt: string;
}

/** The first decision at or after a time, other than the one that led to it. */
export const decisionAfter = <One extends Decided>(decisions: readonly One[], at: string, before?: string): One | undefined =>
  decisions
    .filter(({ decisionId, decidedAt }) => Date.parse(decidedAt) >= Date.parse(at) && decisionId !== before)
    .sort((a, b) => Date.parse(a.decidedAt) - Date.parse(b.decidedAt))[0];
