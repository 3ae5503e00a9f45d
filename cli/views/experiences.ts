import type { ExperienceReport, LiftView } from "../../operations/experience-report.ts";
import type { ExperienceSummary } from "../../operations/experiences.ts";
import type { OutcomeRecord } from "../../operations/look-ups.ts";
import type { Io, Paint } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { shortId } from "./operations.ts";
import { table, wrap } from "./table.ts";

/** The catalogue, a line an experience. */
export const catalogueLines = (listed: readonly ExperienceSummary[], paint: Paint): string[] =>
  table(
    listed.map(({ id, status, department = "", serves, channels, name }) => [
      paint.bold(id),
      status === "approved" ? paint.green(status) : status === "canary" ? paint.yellow(status) : paint.dim(status),
      department,
      `for ${serves.join(", ")}`,
      `by ${channels.join(", ")}`,
      paint.dim(name === id ? "" : name),
    ]),
  );

/** Outcomes, a line each. */
export const outcomeLines = (outcomes: readonly OutcomeRecord[], paint: Paint): string[] =>
  table(
    outcomes.map(({ at, kind, customerId, experienceId, channel, deliveryId }) => [
      minuteOf(at),
      kind === "converted" ? paint.green(kind) : kind,
      customerId,
      `${experienceId} by ${channel}`,
      paint.dim(shortId(deliveryId)),
    ]),
  );

/** Reports, a line an experience. */
export function reportTable(reports: readonly ExperienceReport[], paint: Paint): string[] {
  const shown = ["opened", "clicked", "replied", "converted", "ignored"];
  return table([
    ["experience", "reach", "sent", ...shown, "lift", "held most by"].map(paint.dim),
    ...reports.flatMap(({ experienceId, reach, sent, outcomes, variants = [], lift, heldBy: [most] }) => [
      [
        paint.bold(experienceId),
        String(reach),
        String(sent),
        ...sharesOf(outcomes, shown),
        "refused" in lift ? paint.dim("none") : points(lift.difference),
        most ? `${most.code} (${most.decisions})` : "",
      ],
      ...variants.map((one) => [`  ${one.variant} by ${one.channel}`, "", String(one.sent), ...sharesOf(one.outcomes, shown)]),
    ]),
  ]);
}

/** The time that a report is about. */
export const spanOf = ({ window }: Pick<ExperienceReport, "window">): string => `from ${minuteOf(window.from)} to ${minuteOf(window.to)}`;

/** One report in full. */
export function reportLines(
  { experienceId, name, window, reach, sent, outcomes, variants = [], heldBy, lift }: ExperienceReport,
  io: Pick<Io, "paint" | "columns">,
): string[] {
  const { paint } = io;
  const section = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : ["", paint.bold(title), ...table(rows, { indent: 2 })];
  return [
    `${paint.bold(experienceId)}${name === experienceId ? "" : `  ${name}`}`,
    paint.dim(spanOf({ window })),
    "",
    `sent ${sent} ${sent === 1 ? "time" : "times"} to ${reach} ${reach === 1 ? "customer" : "customers"}`,
    ...section(
      "outcomes, of what was sent (95 % intervals, Wilson)",
      Object.entries(outcomes).map(([kind, { count, share, low, high }]) => [
        kind,
        String(count),
        percent(share),
        paint.dim(`${percent(low)} to ${percent(high)}`),
      ]),
    ),
    ...section(
      "variants",
      variants.map(({ channel, variant, sent, outcomes }) => [
        variant,
        `by ${channel}`,
        `sent ${sent}`,
        Object.entries(outcomes)
          .map(([kind, { count, share }]) => `${kind} ${count} (${percent(share)})`)
          .join(", "),
      ]),
    ),
    ...section(
      "held by",
      heldBy.map(({ code, decisions, customers }) => [
        code,
        `${decisions} ${decisions === 1 ? "decision" : "decisions"}`,
        paint.dim(`${customers} ${customers === 1 ? "customer" : "customers"}`),
      ]),
    ),
    "",
    paint.bold("against the holdout"),
    ...liftLines(lift, io),
  ];
}

// --- internal ---

const sharesOf = (outcomes: ExperienceReport["outcomes"], kinds: readonly string[]): string[] =>
  kinds.map((kind) => (outcomes[kind] ? percent(outcomes[kind].share) : ""));

function liftLines(lift: LiftView, { paint, columns }: Pick<Io, "paint" | "columns">): string[] {
  if ("refused" in lift) return wrap(`no lift: ${lift.refused}`, columns, "  ");
  const { difference, interval, treated, withheld, within, holdout, pending } = lift;
  return [
    `  lift ${points(difference)} of success within ${within} ${paint.dim(`(${points(interval.low)} to ${points(interval.high)}, 95 %, Newcombe)`)}`,
    ...table(
      [["treated", treated] as const, ["withheld", withheld] as const].map(([title, { customers, successes, rate }]) => [
        title,
        percent(rate),
        paint.dim(`${successes} of ${customers} customers`),
      ]),
      { indent: 2 },
    ),
    ...(pending > 0 ? [paint.dim(`  ${pending} of them still have time to succeed; the holdout was ${percent(holdout)}`)] : []),
  ];
}

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

const points = (difference: number): string => `${difference < 0 ? "−" : "+"}${Number((100 * Math.abs(difference)).toFixed(1))} points`;
