import { shareInWords } from "../../domain/entities/canary.ts";
import type { CanaryView } from "../../operations/canaries/views.ts";
import type { PublishedView, VersionView } from "../../operations/versions/views.ts";
import type { ChangedFile } from "../../workspace/versions/compare-files.ts";
import type { Io, Paint } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { shortId } from "./operations.ts";
import { table } from "./table.ts";

/** Publications, newest first. */
export const versionLines = (versions: readonly VersionView[], paint: Paint): string[] =>
  table(
    versions.map(({ policyVersion, at, by, note = "", from, inForce }) => [
      inForce ? paint.green("in force") : "",
      shortId(policyVersion),
      paint.dim(minuteOf(at)),
      by,
      paint.dim(from),
      note,
    ]),
  );

/** Canaries, with what each guard saw. */
export const canaryLines = (canaries: readonly CanaryView[], paint: Paint): string[] =>
  canaries.flatMap(({ experienceId, share, state, deliveries, guards, endsAt, stopped }) => [
    `${paint.bold(experienceId)}  ${state === "stopped" ? paint.red(state) : paint.yellow(state)}  ${shareInWords({ share })} of customers, ${deliveries} deliveries${endsAt === undefined ? "" : `, until ${minuteOf(endsAt)}`}`,
    ...(stopped ? [`  stopped ${minuteOf(stopped.at)} by ${stopped.by}: ${stopped.why}`] : []),
    ...guards.map(
      ({ says, towards, broken }) => `  ${broken ? paint.red("broken") : `${Math.round(towards * 100)} %`.padStart(5)}  ${paint.dim(says)}`,
    ),
  ]);

/** Files in which two versions differ, with their lines. */
export const changedLines = (changes: readonly ChangedFile[], paint: Paint): string[] =>
  changes.flatMap(({ file, change, diff }) => [
    paint.bold(`${change} ${file}`),
    ...(diff ?? "").split("\n").flatMap((line) => (line === "" ? [] : [painted(line, paint)])),
  ]);

/**
 * The result of a publication in a sentence, after the files that it changes.
 *
 * @param more what JSON has besides
 */
export function showPublished(published: PublishedView, more: object, isJson: boolean, { out, warn, paint }: Io): void {
  if (published.otherBundles)
    warn(
      `${published.otherBundles.join(", ")}: something imported has changed, and this version keeps the code that it was published with; change a file of tools/ or channels/ to publish the code as it is now`,
    );
  for (const told of published.notStaying ?? []) warn(told);
  if (isJson) {
    out(JSON.stringify({ ...published, ...more }));
    return;
  }
  const { policyVersion, before, changed, dryRun, files } = published;
  for (const { file, change } of files) out(`${change} ${file}`);
  const version = shortId(policyVersion);
  const follows = before === undefined || before === policyVersion ? "" : `, after ${shortId(before)}`;
  if (dryRun)
    out(before === policyVersion ? `${version} is in force` : `${version} could be put in force${follows}; nothing was published`);
  else if (changed) out(`${paint.green("✓")} ${version} is in force${follows}`);
  else out(`${version} was in force already`);
}

// --- internal ---

const painted = (line: string, paint: Paint): string =>
  line.startsWith("+") ? paint.green(line) : line.startsWith("-") ? paint.red(line) : line.startsWith("@") ? paint.dim(line) : line;
