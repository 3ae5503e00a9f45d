import type { Decision } from "../domain/decision.ts";

/** The codes that a decision gives for each of its candidates, each once. */
export const codesOf = (decision: Decision | undefined): string[] => [
  ...new Set((decision?.candidates ?? []).flatMap(({ reasons }) => reasons.map(({ code }) => code))),
];
