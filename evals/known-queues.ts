import type { Experience, Policy } from "../domain/entities/policy.ts";
import { APPROVALS_QUEUE } from "../domain/moments/approvals.ts";
import { nearest } from "../domain/values/nearest.ts";
import { unknownName } from "../workspace/problem.ts";
import type { GoldenCase } from "./golden.ts";

/** Why no task of a case can be in a queue of this name; undefined where one can, or where that is not known before the case has run. */
export function whyUnknownQueue(
  name: string,
  { experiences, channels, departments, promises }: Policy,
  one: GoldenCase,
): string | undefined {
  const written = experiences.flatMap(queuesOf);
  const known = [
    ...Object.values(channels).flatMap(({ makesTask, queue }) => (makesTask && queue !== undefined ? [queue] : [])),
    ...written.filter((queue) => !isComputed(queue)),
    ...promises.map(({ owner }) => owner),
    ...signalsIn(one).flatMap(({ owner }) => (typeof owner === "string" ? [owner] : [])),
    ...departments,
    APPROVALS_QUEUE,
    // Of a promise that only a signal names.
    "service",
  ];
  if (known.includes(name)) return undefined;
  const mayBeOther = written.some(isComputed) || experiences.some(opensPromises) || typeof one.signals === "string";
  return mayBeOther && nearest(name, known) === undefined ? undefined : unknownName("queue", name, [...new Set(known)]);
}

// --- internal ---

const queuesOf = ({ routes, promise, converse }: Experience): string[] =>
  [...routes.map(({ queue }) => queue), promise?.owner, converse?.handOver.queue].filter((queue) => queue !== undefined);

const isComputed = (queue: string): boolean => /\{[{%]/.test(queue);

/** The tool takes an owner of its own. */
const opensPromises = ({ action, converse }: Experience): boolean =>
  action?.tool === "open_promise" || (converse?.tools ?? []).some(({ tool }) => tool === "open_promise");

/** Data of the signals written into a case. */
const signalsIn = ({ signals }: GoldenCase): Readonly<Record<string, unknown>>[] =>
  Array.isArray(signals) ? signals.flatMap(({ data }) => (typeof data === "object" && data !== null ? [{ ...data }] : [])) : [];
