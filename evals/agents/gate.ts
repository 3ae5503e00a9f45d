import type { Measured } from "./measure.ts";

/** Rows below their required share, one line each. No unchecked output may leave in any row, whatever the model. */
export const faultsIn = (measured: readonly Measured[]): string[] =>
  measured.flatMap(({ suite, contestant, kind, held, cases, trials, rate, passAll }) => {
    const least = minPassedFor(suite, kind);
    const problems = [
      ...(held < cases * trials ? [`only ${held} of ${cases * trials} trials held`] : []),
      ...(rate < least ? [`${(100 * rate).toFixed(1)} % right, and ${(100 * least).toFixed(1)} % are due`] : []),
      ...(kind !== "live" && Math.abs(rate - passAll) > 1e-9 ? ["trials of a case end differently"] : []),
    ];
    return problems.length > 0 ? [`${suite}, ${contestant}: ${problems.join("; ")}`] : [];
  });

// --- internal ---

/**
 * Measured shares of right answers that pass the checks and the environment, and of what rules reach; a lower one is a regression. Ten of
 * tau-bench's tasks ask for sums that no tool returns and two for an address without a second line.
 */
const MIN_PASSED: Readonly<Record<string, Partial<Record<Measured["kind"], number>>>> = {
  "interpretation/banking77": { rules: 0.8, right: 0.99 },
  "interpretation/clinc150": { rules: 0.8, right: 0.99 },
  "conversation/tau-retail": { right: 0.83 },
};

const minPassedFor = (suite: string, kind: Measured["kind"]): number => MIN_PASSED[suite]?.[kind] ?? (kind === "right" ? 1 : 0);
