import type { MessagePreview } from "../../domain/deciding/preview.ts";
import type { ShownApproval } from "../../operations/approvals.ts";
import type { Io } from "../io.ts";
import { minuteOf } from "./decision-line.ts";
import { table, wrap } from "./table.ts";

/** A message as it would go: its fields, its facts with source and age, and what stands against it. */
export function renderedLines(rendered: MessagePreview, { paint, columns }: Pick<Io, "paint" | "columns">): string[] {
  const { experienceId, customerId, channel, variant, locale, to, moment, content, action, facts, problems, heldBy, notes } = rendered;
  const way = [
    channel,
    ...(variant === undefined ? [] : [`variant ${variant}`]),
    ...(locale === undefined ? [] : [`locale ${locale}`]),
  ].join(", ");
  const section = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : ["", paint.bold(title), ...table(rows, { indent: 2 })];
  return [
    `${paint.bold(experienceId)}  to ${customerId} by ${way}${to === undefined ? "" : ` (${to})`}`,
    ...(moment ? [paint.dim(`for ${moment.name}, open since ${minuteOf(moment.openedAt)} until ${minuteOf(moment.expiresAt)}`)] : []),
    ...Object.entries(content ?? {}).flatMap(([field, value]) => ["", paint.bold(field), ...textLines(value)]),
    ...section(
      "facts",
      Object.entries(facts).map(([path, { value, source, age, state }]) => [
        path,
        JSON.stringify(value),
        paint.dim(`${source}, ${age} ago`),
        state === "ok" ? "" : paint.yellow(state),
      ]),
    ),
    ...(action
      ? section(`action ${action.tool} (not run)`, [
          ["takes", JSON.stringify(action.input)],
          ["gives", action.from === "computed" ? JSON.stringify(action.output) : "nothing: only the call itself would tell"],
        ])
      : []),
    ...section(
      "cannot be written",
      problems.flatMap(({ code, detail, todo }) => [
        [paint.red(code), detail],
        ["", paint.dim(todo)],
      ]),
    ),
    ...section(
      "would be kept back",
      heldBy.map(({ code, detail }) => [paint.yellow(code), detail]),
    ),
    ...(notes.length > 0 ? [""] : []),
    ...notes.flatMap((note) => wrap(note, columns).map(paint.dim)),
  ];
}

/** An approval: what is asked, why and until when, and the message that it is about. */
export function shownApprovalLines(approval: ShownApproval, io: Pick<Io, "paint" | "columns">): string[] {
  const { paint } = io;
  const { experienceId, customerId, channel, moment, reason, amount, askedAt, expiresAt, state, answeredBy, notes = [] } = approval;
  const asked = table(
    [
      ["asked", minuteOf(askedAt)],
      ["because", reason],
      ...(amount === undefined ? [] : [["amount", String(amount)]]),
      state === "pending"
        ? ["until", `${minuteOf(expiresAt)} (${moment})`]
        : ["answer", `${state}${answeredBy === undefined ? "" : ` by ${answeredBy}`}`],
    ],
    { indent: 2 },
  );
  const { facts, at, problems = [], heldBy = [] } = approval;
  if (facts === undefined || at === undefined || channel === undefined)
    return [`${paint.bold(experienceId)}  for ${customerId}`, ...asked, ...notes.map(paint.dim)];
  const { moment: _name, variant, ...message } = approval;
  const way = variant === undefined ? {} : { variant };
  const [title = "", ...rest] = renderedLines({ ...message, ...way, facts, at, channel, problems, heldBy, notes }, io);
  return [title, ...asked, ...rest];
}

// --- internal ---

/** A text keeps its lines; data is shown as JSON. */
const textLines = (value: unknown): string[] =>
  (typeof value === "string" ? value : JSON.stringify(value, null, 2)).split("\n").map((line) => `  ${line}`);
