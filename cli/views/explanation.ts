import type { Explained } from "../../domain/deciding/explained.ts";
import type { Decision } from "../../domain/entities/decision.ts";
import { terminalSafe } from "../../domain/values/terminal-safe.ts";
import type { Io } from "../io.ts";
import { questionLines } from "./questions.ts";
import { wrap } from "./table.ts";

/** One candidate of a decision: why it was not chosen, and what would have changed that. */
export function candidateLines({ headline, experience }: Explained, decision: Decision, { paint, columns }: Io): string[] {
  const width = Math.min(columns, 100);
  const paragraph = (text: string, indent = "") => wrap(terminalSafe(text), width, indent);
  if (!experience) return [];
  const { experienceId, why, change, computed, policyVersion } = experience;
  const origin = computed
    ? "The record only counts it: it was computed again from the customer's own signals, under the version that the decision names."
    : "From the record.";
  return [
    ...paragraph(headline).map(paint.bold),
    "",
    `  ${paint.bold(experienceId)}`,
    ...paragraph(why, "    "),
    ...(change === undefined ? [] : paragraph(`Would have changed it: ${change}`, "    ").map(paint.dim)),
    "",
    ...paragraph(origin),
    paint.dim(`decision ${decision.decisionId}, policy ${policyVersion.slice(0, 12)}`),
  ];
}

/** An explanation as a page of text. */
export function explanationLines(
  { headline, why, others, smallestChange, usage, questions = [] }: Explained,
  decision: Decision,
  io: Io,
): string[] {
  const { paint, columns } = io;
  const width = Math.min(columns, 100);
  const paragraph = (text: string, indent = "") => wrap(terminalSafe(text), width, indent);
  const rest = others.flatMap(({ experienceId, why: reason, change }) => [
    `  ${paint.bold(experienceId)}`,
    ...paragraph(`${reason}.`, "    "),
    ...paragraph(`Would have changed it: ${change}`, "    ").map(paint.dim),
  ]);
  return [
    ...paragraph(headline).map(paint.bold),
    "",
    ...why.flatMap((text) => paragraph(text)),
    ...(others.length > 0 ? ["", "Why not the others:", ...rest] : []),
    ...(smallestChange === undefined ? [] : ["", ...paragraph(smallestChange)]),
    ...(usage ? ["", ...questionLines(questions, usage, io)] : []),
    "",
    paint.dim(`decision ${decision.decisionId}, run ${decision.runId}, policy ${decision.policyVersion.slice(0, 12)}`),
  ];
}
