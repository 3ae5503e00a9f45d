import type { Policy } from "../domain/entities/policy.ts";
import type { Expectation, GoldenCase } from "./golden.ts";

/** Unknown names in a case's expectations. A misspelt name never matches, so an expectation that forbids it would always hold. */
export function unknownNames({ expect }: GoldenCase, { experiences, channels, departments, promises }: Policy): string[] {
  const known = {
    experience: experiences.map(({ id }) => id),
    channel: Object.keys(channels),
    department: [...departments],
    promise: [...promises.map(({ name }) => name), ...experiences.flatMap(({ promise }) => (promise ? [promise.name] : []))],
  };
  const unknown = expect.flatMap((expectation) => {
    const match: Readonly<Record<string, unknown>> = matchOf(expectation);
    const named = (Object.keys(known) as (keyof typeof known)[]).flatMap((kind) => {
      const name = match[kind];
      return typeof name === "string" && !known[kind].includes(name) ? [`unknown ${kind} ${name}`] : [];
    });
    const candidates = Object.keys((match.candidates as object | undefined) ?? {});
    return [...named, ...candidates.filter((id) => !known.experience.includes(id)).map((id) => `unknown experience ${id}`)];
  });
  return [...new Set(unknown)];
}

/** The customers that expectations name. */
export const customersNamed = ({ expect }: GoldenCase): string[] => [
  ...new Set(
    expect.flatMap((expectation) => {
      const { customer } = matchOf(expectation);
      return customer === undefined ? [] : [customer];
    }),
  ),
];

// --- internal ---

function matchOf(expectation: Expectation): { readonly customer?: string | undefined } {
  if ("never" in expectation) return expectation.never;
  if ("count" in expectation) return expectation.count;
  if ("task" in expectation) return expectation.task;
  return "noTask" in expectation ? expectation.noTask : expectation;
}
