import type { Measured } from "./measure.ts";

/** Rows below what they have to reach, each told in a line. Nothing unchecked may get out in any row, whoever answers. */
export const faultsIn = (measured: readonly Measured[]): string[] =>
  measured.flatMap(({ suite, contestant, kind, held, cases, trials, rate, passAll }) => {
    const least = leastFor(suite, kind);
    const problems = [
      ...(held < cases * trials ? [`only ${held} of ${cases * trials} trials held`] : []),
      ...(rate < least ? [`${(100 * rate).toFixed(1)} % right, and ${(100 * least).toFixed(1)} % are due`] : []),
      ...(kind !== "live" && Math.abs(rate - passAll) > 1e-9 ? ["trials of a case end differently"] : []),
    ];
    return problems.length > 0 ? [`${suite}, ${contestant}: ${problems.join("; ")}`] : [];
  });

// --- internal ---

/**
 * What checks and environment let through of right answers, and what rules reach, as measured; less is a step back. Of
 * tau-bench's tasks ten ask for sums that no tool gives and two for an address without a second line.
 */
const LEAST: Readonly<Record<string, Partial<Record<Measured["kind"], number>>>> = {
  "interpretation/banking77": { rules: 0.8, right: 0.99 },
  "interpretation/clinc150": { rules: 0.8, right: 0.99 },
  "conversation/tau-retail": { right: 0.83 },
};

const leastFor = (suite: string, kind: Measured["kind"]): number => LEAST[suite]?.[kind] ?? (kind === "right" ? 1 : 0);
