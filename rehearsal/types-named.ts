import type { Policy } from "../domain/entities/policy.ts";

/** The types of signals that rules of a policy name and that customers send: what it waits for. */
export function typesNamedBy({ moments, promises, governance, experiences, counted }: Policy): string[] {
  const named = [
    ...moments.flatMap(({ on, closes, absent }) => [...on, ...closes, ...(absent ? [absent.signal] : [])]),
    ...promises.flatMap(({ opens, closes }) => [...opens, ...closes]),
    ...governance.suppress.flatMap((rule) => ("afterSignal" in rule ? rule.afterSignal : [])),
    ...experiences.flatMap(({ success }) => success?.signals ?? []),
    ...Object.keys(counted),
  ];
  return [...new Set(named)].filter((type) => !MADE_HERE.some((begin) => type.startsWith(begin)));
}

// --- internal ---

/** What comes from deliveries, clocks and stages is made by whoever plays. */
const MADE_HERE: readonly string[] = ["delivery.", "clock.", "stage."];
