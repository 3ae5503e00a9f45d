import type { Decision } from "../domain/entities/decision.ts";

/** The reason codes of a decision's candidates, or of those of one moment, each once. */
export const codesOf = (decision: Decision | undefined, moment?: string): string[] => {
  const looked = (decision?.candidates ?? []).filter((candidate) => moment === undefined || candidate.moment === moment);
  return [...new Set(looked.flatMap(({ reasons }) => reasons.map(({ code }) => code)))];
};
