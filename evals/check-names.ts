import type { Policy } from "../domain/entities/policy.ts";
import { tagForm } from "../domain/values/language-tag.ts";
import { nearest } from "../domain/values/nearest.ts";
import { unknownName } from "../workspace/problem.ts";
import { idOf } from "./case-data.ts";
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
  const { experiences, channels, departments, stages, promises } = policy;
  const known = {
    experience: experiences.map(({ id }) => id),
    channel: Object.keys(channels),
    department: [...departments],
    stage: stages.map(({ name }) => name),
    variant: [...new Set(experiences.flatMap(({ routes }) => routes.flatMap(({ variant }) => variant ?? [])))],
    locale: localesOf(policy),
    place: [...new Set(Object.values(channels).flatMap(({ pull }) => pull?.places ?? []))],
    ask: Array.isArray(one.signals) ? one.signals.flatMap((signal) => idOf(signal) ?? []) : undefined,
    promise: [...promises.map(({ name }) => name), ...experiences.flatMap(({ promise }) => (promise ? [promise.name] : []))],
  };
  return one.expect.flatMap((expectation, index) => {
    if ("rejected" in expectation) return unknownRejected(expectation.rejected, one).map((message) => ({ index, message }));
    const match: Readonly<Record<string, unknown>> = matchOf(expectation);
    const named = (Object.keys(known) as (keyof typeof known)[]).flatMap((kind) => {
      const name = match[kind];
      const isKnown = (one: string) => one === name || (kind === "locale" && tagForm(one) === tagForm(String(name)));
      const names = known[kind] ?? [String(name)];
      return typeof name === "string" && !names.some(isKnown) ? [unknownName(kind, name, names)] : [];
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

/** The tags of all languages in which something is written, and `default`. */
const localesOf = ({ experiences }: Policy): string[] => [
  ...new Set(
    experiences.flatMap(({ routes }) =>
      routes.flatMap(({ locale, locales }) =>
        [locale, ...[...(locales?.values() ?? [])].map((other) => other.locale)].flatMap((one) => one ?? []),
      ),
    ),
  ),
];

/** Only signals written into a case may be refused in it: a broken line of a file is a mistake. */
function unknownRejected(id: string, { signals }: GoldenCase): string[] {
  const ids = Array.isArray(signals) ? signals.flatMap((signal) => idOf(signal) ?? []) : [];
  if (ids.includes(id)) return [];
  const meant = nearest(id, ids);
  return [`rejected: no signal written into this case has the id ${id}${meant === undefined ? "" : `; did you mean ${meant}?`}`];
}

function matchOf(expectation: Expectation): { readonly customer?: string | undefined } {
  if ("rejected" in expectation) return {};
  if ("never" in expectation) return expectation.never;
  if ("count" in expectation) return expectation.count;
  if ("task" in expectation) return expectation.task;
  return "noTask" in expectation ? expectation.noTask : expectation;
}
