import type { Policy } from "../domain/entities/policy.ts";
import { unknownName } from "../workspace/problem.ts";
import type { Expectation, GoldenCase } from "./golden.ts";
import { whyUnknownQueue } from "./known-queues.ts";

/** An unknown name in an expectation of a case. */
export interface UnknownName {
  /** Index of the expectation in `expect`. */
  readonly index: number;
  readonly message: string;
}

/** Unknown names in a case's expectations. A misspelt name never matches, so an expectation that forbids it would always hold. */
export function unknownNames(one: GoldenCase, policy: Policy): UnknownName[] {
  const { experiences, channels, departments, promises } = policy;
  const known = {
    experience: experiences.map(({ id }) => id),
    channel: Object.keys(channels),
    department: [...departments],
    promise: [...promises.map(({ name }) => name), ...experiences.flatMap(({ promise }) => (promise ? [promise.name] : []))],
  };
  return one.expect.flatMap((expectation, index) => {
    const match: Readonly<Record<string, unknown>> = matchOf(expectation);
    const named = (Object.keys(known) as (keyof typeof known)[]).flatMap((kind) => {
      const name = match[kind];
      return typeof name === "string" && !known[kind].includes(name) ? [unknownName(kind, name, known[kind])] : [];
    });
    const candidates = Object.keys((match.candidates as object | undefined) ?? {})
      .filter((id) => !known.experience.includes(id))
      .map((id) => unknownName("experience", id, known.experience));
    const queue = typeof match.queue === "string" ? whyUnknownQueue(match.queue, policy, one) : undefined;
    return [...named, ...candidates, ...(queue === undefined ? [] : [queue])].map((message) => ({ index, message }));
  });
}

/** The customers that expectations name. */
export const customersNamed = ({ expect }: GoldenCase): string[] => [
  ...new Set(expect.flatMap((expectation) => customerNamed(expectation) ?? [])),
];

/** The customer that an expectation names. */
export const customerNamed = (expectation: Expectation): string | undefined => matchOf(expectation).customer;

// --- internal ---

function matchOf(expectation: Expectation): { readonly customer?: string | undefined } {
  if ("never" in expectation) return expectation.never;
  if ("count" in expectation) return expectation.count;
  if ("task" in expectation) return expectation.task;
  return "noTask" in expectation ? expectation.noTask : expectation;
}
