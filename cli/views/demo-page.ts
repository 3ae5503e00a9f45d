import type { Io, Paint } from "../io.ts";
import type { DemoReport } from "./demo-report.ts";
import { markOf, OUTCOMES, rowLines, storyHead, storyLines } from "./demo-story.ts";
import { customerLines, totalLines } from "./demo-totals.ts";
import { table, wrap } from "./table.ts";

/** The demo as a page of text, for any width from 80 characters on. */
export function demoLines(report: DemoReport, { paint, columns }: Pick<Io, "paint" | "columns">): string[] {
  const width = Math.max(60, Math.min(columns, 100));
  const { followed, customers, totals } = report;
  return [
    ...opening(report, width, paint),
    ...heading(`${followed.name}'s story`, width, paint),
    "",
    storyHead(width, paint),
    ...storyLines(followed.story, width, paint),
    "",
    ` ${legend(report, paint)}`,
    ...heading(`All ${customers.length} customers`, width, paint),
    "",
    ...customerLines(customers, width, paint),
    ...heading("One example each", width, paint),
    "",
    ...report.examples.flatMap((row) => rowLines(row, width, paint)),
    ...heading("In all", width, paint),
    "",
    ...totalLines(totals, width, paint),
    "",
    ...wrap(report.definition, width - 1, " ").map(paint.dim),
    ...heading("Try next", width, paint),
    "",
    ...table(
      report.next.map(({ command, shows }) => [paint.bold(command), paint.dim(shows)]),
      { indent: 1 },
    ),
    "",
  ];
}

// --- internal ---

function opening(
  { workspace, departments, signals, duplicates, decisions, customers, from, until }: DemoReport,
  width: number,
  paint: Paint,
): string[] {
  const title = "what each department would have sent, and what was sent";
  const what = `${customers.length} customers, ${departments} departments, ${signals} signals${duplicates > 0 ? ` (and ${duplicates} that came twice)` : ""} from ${from.slice(0, 10)} to ${until.slice(0, 10)}: ${decisions} decisions. Nothing left this machine.`;
  return ["", ` ${paint.bold(workspace)}: ${title}`, ...wrap(what, width - 1, " ").map(paint.dim)];
}

function heading(text: string, width: number, paint: Paint): string[] {
  return ["", ` ${paint.cyan(paint.bold(text))} ${paint.dim("─".repeat(Math.max(0, width - text.length - 3)))}`];
}

function legend({ followed }: DemoReport, paint: Paint): string {
  const used = new Set(followed.story.flatMap(({ rows }) => rows.map(({ outcome }) => outcome)));
  return OUTCOMES.filter((outcome) => used.has(outcome))
    .map((outcome) => `${markOf(outcome, paint)} ${paint.dim(outcome)}`)
    .join("   ");
}
