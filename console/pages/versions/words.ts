import type { DecidedByView, DifferenceView, VersionView } from "../../../operations/versions/views.ts";
import { counted, listed } from "../../values/numbers.ts";

/** A version by the beginning of its name. */
export const shortVersion = (policyVersion: string): string => policyVersion.slice(0, 12);

/** Versions by name, each once, with its latest publication: to choose among. */
export const eachOnce = (versions: readonly VersionView[]): readonly VersionView[] =>
  versions.filter(({ policyVersion }, index) => versions.findIndex((one) => one.policyVersion === policyVersion) === index);

/** How many files a version has otherwise: `2 files changed, 1 added`. */
export function changedWords(files: DifferenceView["files"]): string {
  if (files.length === 0) return "They have the same files.";
  const kinds = (["changed", "added", "removed"] as const).map(
    (kind) => [files.filter(({ change }) => change === kind).length, kind] as const,
  );
  const [first, ...rest] = kinds.filter(([number]) => number > 0);
  if (!first) return "";
  return `${listed([`${counted(first[0], "file")} ${first[1]}`, ...rest.map(([number, kind]) => `${number} ${kind}`)])}.`;
}

/** Which processes decide by which version, in a sentence. */
export function processesWords(processes: readonly DecidedByView[], inForce: string | undefined): string {
  if (processes.length === 0) return "No process that decides is running.";
  const of = (isIn: boolean): number =>
    processes.filter(({ policyVersion }) => (policyVersion === inForce) === isIn).reduce((sum, { count }) => sum + count, 0);
  const [here, elsewhere] = [of(true), of(false)];
  if (elsewhere === 0) return `${counted(here, "process decides", "processes decide")} by it.`;
  const others = processes
    .filter(({ policyVersion }) => policyVersion !== inForce)
    .map(({ policyVersion, count }) => `${count} by ${shortVersion(policyVersion)}`);
  return `${counted(here, "process decides", "processes decide")} by it, ${listed(others)}: they follow within seconds, or their /readyz says what they lack.`;
}
