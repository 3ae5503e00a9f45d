import type { Comparison, Difference, Outline, Totals } from "../../domain/deciding/compare-decisions.ts";
import { explain } from "../../domain/deciding/explain.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import type { WhatIf } from "../../engine/considering/consider-again.ts";
import type { Io } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table, wrap } from "./table.ts";

/** The differences under another policy: wake by wake, then in totals. */
export function comparisonLines({ same, differences, totals }: Comparison, { paint }: Pick<Io, "paint">): string[] {
  const rows = differences.map((one) => [
    paint.dim(minuteOf(one.at)),
    one.customerId,
    paint.dim(causeOf(one)),
    outlined(one.before),
    "→",
    paint.bold(outlined(one.after)),
  ]);
  const verdict =
    differences.length === 0
      ? "Nothing would have been different."
      : `${differences.length} of ${same + differences.length} wakes came out differently.`;
  return [...table(rows), ...(rows.length > 0 ? [""] : []), verdict, "", ...totalLines(totals.before, totals.after)];
}

/** A decision next to another policy's decision for the same wake. */
export function oneDecisionLines(
  before: Decision,
  after: Decision | undefined,
  { paint, columns }: Pick<Io, "paint" | "columns">,
): string[] {
  const width = Math.min(columns, 100);
  const section = (name: string, decision: Decision | undefined) => [
    paint.bold(name),
    ...(decision ? pageOf(decision).flatMap((text) => wrap(text, width, "  ")) : [`  ${NO_DECISION}`]),
  ];
  return [...section("As it was decided", before), "", ...section("Under the other workspace", after)];
}

/** What a decision would have been with something changed. */
export function whatIfLines({ before, after, same }: WhatIf, { paint, columns }: Pick<Io, "paint" | "columns">): string[] {
  const width = Math.min(columns, 100);
  const pageIn = (decision: Decision | null) =>
    decision ? pageOf(decision).flatMap((text) => wrap(text, width, "  ")) : [`  ${NO_DECISION}`];
  return [
    paint.bold("As it was decided"),
    ...pageIn(before),
    "",
    paint.bold("As it would have been"),
    ...pageIn(after),
    "",
    same ? "The same: action, experience, channel and time are as before." : "It would have been different.",
  ];
}

// --- internal ---

const NO_DECISION = "No decision: it finds no open moment, or would only repeat what stands.";

function pageOf(decision: Decision): string[] {
  const { headline, why } = explain(decision);
  const reasons =
    decision.action === "deliver"
      ? []
      : decision.candidates.map(
          ({ experienceId, reasons: all }) =>
            `${experienceId}: ${all.map(({ code, detail }) => (detail === undefined ? code : `${code} (${detail})`)).join(", ")}`,
        );
  return [headline, ...why, ...reasons];
}

const causeOf = ({ wake }: Difference): string => {
  if (wake.kind === "ask") return `ask ${wake.channel}/${wake.place}`;
  return wake.kind === "signal" ? wake.type : wake.name;
};

function outlined(outline: Outline | undefined): string {
  if (!outline) return "nothing";
  const { action, experienceId, channel, until, codes } = outline;
  const what = experienceId === undefined ? codes.join(", ") : `${experienceId} by ${channel}`;
  return `${action} ${what}${until === undefined ? "" : ` until ${minuteOf(until)}`}`.trim();
}

function totalLines(before: Totals, after: Totals): string[] {
  const row = (name: string, was = 0, is = 0) => [name, String(was), String(is), was === is ? "" : `${is > was ? "+" : ""}${is - was}`];
  const names = (kind: "byAction" | "delivered") => [...new Set([...Object.keys(before[kind]), ...Object.keys(after[kind])])].sort();
  return table([
    ["", "before", "after", ""],
    row("decisions", before.decisions, after.decisions),
    ...names("byAction").map((name) => row(`  ${name}`, before.byAction[name], after.byAction[name])),
    ["delivered", "", "", ""],
    ...names("delivered").map((name) => row(`  ${name}`, before.delivered[name], after.delivered[name])),
  ]);
}
