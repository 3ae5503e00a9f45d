import { ESTIMATOR_NAMES, type Estimated, type Evaluated } from "../../rehearsal/results/evaluated.ts";
import { type ByName, type Figure, namesIn, ownValue } from "../../rehearsal/results/figures.ts";
import type { Compared, Forward, LeftOut } from "../../rehearsal/results/forward.ts";
import type { MatrixCell } from "../../rehearsal/results/matrix.ts";
import { actionInWords, gridOf } from "../../rehearsal/results/matrix-words.ts";
import type { Backtested, Recorded, RehearsalResult } from "../../rehearsal/results/rehearsal-result.ts";
import {
  amount,
  bounds,
  counted,
  foundIn,
  NAMED_FIGURES,
  notForetoldInWords,
  percent,
  playedInWords,
  recordedInWords,
  SINGLE_FIGURES,
  signed,
} from "../../rehearsal/results/words.ts";
import type { Io, Paint } from "../io.ts";
import { table, wrap } from "../views/table.ts";

type Terminal = Pick<Io, "paint" | "columns">;

/** What the two sides are: a folder, or a version. */
export interface Sides {
  readonly against: string;
  readonly with: string;
}

/** A rehearsal as a page of text. Its three parts stay apart; what is simulated says so. */
export function rehearsalLines(result: RehearsalResult, sides: Sides, terminal: Terminal): string[] {
  const { paint } = terminal;
  const { recorded, forward, value, backtest } = result;
  return [
    `${paint.bold("against")}  ${sides.against}`,
    `${paint.bold("with")}     ${sides.with}`,
    ...heading("Recorded: the stream under both", terminal),
    ...recordedLines(recorded, paint),
    ...heading(`Forward (${SIMULATED})`, terminal),
    ...wrap(playedInWords(result), width(terminal), "  ").map(paint.dim),
    "",
    ...foundIn(forward).flatMap((sentence) => wrap(sentence, width(terminal), "  ")),
    "",
    ...comparedLines(forward, paint),
    ...ruleLines(forward, paint),
    ...peopleLines("Left out more often", forward.leftOut, paint),
    ...peopleLines("Reached more often", forward.reached, paint),
    ...(forward.groups ?? []).flatMap((group) => [
      "",
      `  ${paint.bold(group.name)} ${paint.dim(counted(group.customers, "customer"))}`,
      ...singleLines(group, paint, 4),
    ]),
    ...heading("Value from the log", terminal),
    ...valueLines(value, terminal),
    ...(backtest ? [...heading(`Backtest (${SIMULATED})`, terminal), ...backtestLines(backtest, paint)] : []),
    ...heading("Not modelled", terminal),
    ...forward.notModelled.flatMap((one) => marked(one, terminal)),
  ];
}

// --- internal ---

const SIMULATED = "simulated";

const width = ({ columns }: Terminal): number => Math.max(60, Math.min(columns, 100));

const heading = (text: string, { paint }: Terminal): string[] => ["", paint.cyan(paint.bold(text)), ""];

function marked(text: string, terminal: Terminal): string[] {
  const [first = "", ...more] = wrap(text, width(terminal), "    ");
  return [`  - ${first.trimStart()}`, ...more];
}

function recordedLines(recorded: Recorded, { dim }: Paint): string[] {
  const { against, with: other } = recorded;
  const row = (name: string, was = 0, is = 0) => [name, amount(was), amount(is), was === is ? "" : signed(is - was)];
  const rows = (heading: string, was: ByName<number>, is: ByName<number>) => {
    const names = namesIn([was, is]);
    return names.length === 0
      ? []
      : [[heading, "", "", ""], ...names.map((name) => row(`  ${name}`, ownValue(was, name), ownValue(is, name)))];
  };
  return [
    `  ${recordedInWords(recorded)}`,
    "",
    ...matrixLines(recorded.matrix, dim),
    ...table(
      [
        ["", "against", "with", "difference"].map(dim),
        row("deliveries", against.deliveries, other.deliveries),
        ...rows("by experience", against.byExperience, other.byExperience),
        ...rows("by channel", against.byChannel, other.byChannel),
        ...rows("by department", against.byDepartment, other.byDepartment),
        ...rows("silences by code", against.silences, other.silences),
      ],
      { indent: 2 },
    ),
  ];
}

/** How many wakes came out so under one (rows) and so under the other (columns). */
function matrixLines(matrix: readonly MatrixCell[], dim: Paint["dim"]): string[] {
  const { rows, columns } = gridOf(matrix);
  if (rows.length === 0) return [];
  const head = ["against ↓  with →", ...columns.map(actionInWords)].map(dim);
  return [...table([head, ...rows.map(({ action, counts }) => [actionInWords(action), ...counts])], { indent: 2 }), ""];
}

/** A mean, and the bounds of 90 of 100 paths in dim. */
function cell(figure: Figure, { dim }: Paint, write = amount): string {
  const range = bounds(figure, write);
  return range === "" ? write(figure.mean) : `${write(figure.mean)} ${dim(`(${range})`)}`;
}

const headOf = ({ dim }: Paint): string[] => ["", "against", "with", "difference"].map(dim);

const rowOf = (name: string, against: Figure, other: Figure, difference: Figure, paint: Paint): string[] => [
  name,
  cell(against, paint),
  cell(other, paint),
  cell(difference, paint, signed),
];

const singleRows = ({ against, with: other, difference }: Compared, paint: Paint): string[][] =>
  SINGLE_FIGURES.map(([name, words]) => rowOf(words, against[name], other[name], difference[name], paint));

const singleLines = (compared: Compared, paint: Paint, indent: number): string[] =>
  table([headOf(paint), ...singleRows(compared, paint)], { indent });

function comparedLines(compared: Compared, paint: Paint): string[] {
  const { against, with: other, difference } = compared;
  const named = NAMED_FIGURES.flatMap(([kind, words]) => {
    const names = Object.keys(difference[kind]);
    const rows = names.map((name) => {
      const [was, is, more] = [against, other, difference].map((side) => ownValue(side[kind], name) ?? NONE);
      return rowOf(`  ${name}`, was ?? NONE, is ?? NONE, more ?? NONE, paint);
    });
    return rows.length === 0 ? [] : [[words, "", "", ""], ...rows];
  });
  return table([headOf(paint), ...singleRows(compared, paint), ...named], { indent: 2 });
}

const NONE: Figure = { mean: 0, low: 0, high: 0 };

function ruleLines({ details }: Pick<Forward, "details">, paint: Paint): string[] {
  const names = namesIn([details.against.nothingBy, details.with.nothingBy]);
  if (names.length === 0) return [];
  const rows = names.map((name) => [
    name,
    ...[details.against, details.with].map(({ nothingBy }) => cell(ownValue(nothingBy, name) ?? NONE, paint)),
  ]);
  return ["", `  ${paint.bold("Who gets nothing, by the rule that kept them")}`, ...table(rows, { indent: 4 })];
}

function peopleLines(heading: string, people: readonly LeftOut[], { bold, dim }: Paint): string[] {
  if (people.length === 0) return [];
  const rows = people.map(({ customerId, against, with: other, rule }) => [customerId, percent(against), "→", percent(other), dim(rule)]);
  return ["", `  ${bold(heading)} ${dim("(paths without anything)")}`, ...table(rows, { indent: 4 })];
}

function valueLines(value: Evaluated, terminal: Terminal): string[] {
  if ("refused" in value) return ["  The log cannot answer:", ...value.refused.flatMap((why) => marked(why, terminal))];
  const { paint } = terminal;
  const { decisions, units, confidence, logged, estimates, warnings } = value;
  const figure = ({ value: mean, low, high }: Estimated): Figure => ({ mean, low, high });
  const rows = ESTIMATOR_NAMES.map(([name, words]) => [
    ...[words, cell(figure(estimates[name]), paint)],
    cell(figure(estimates[name].gain), paint, signed),
  ]);
  return [
    `  Reward a decision, from ${amount(decisions)} logged decisions of ${amount(units)} customers, ${percent(confidence)} intervals.`,
    "",
    ...table([["", "reward", "gain"].map(paint.dim), ["the log itself", cell(figure(logged), paint), ""], ...rows], { indent: 2 }),
    ...warnings.flatMap((warning) => marked(warning, terminal)),
  ];
}

function backtestLines({ intervals, held, share, notForetold }: Backtested, paint: Paint): string[] {
  const rows = intervals.map((one) => [
    one.name,
    amount(one.actual),
    cell(one.interval, paint),
    one.held ? paint.green("holds") : paint.yellow("fails"),
  ]);
  return [
    `  ${amount(held)} of ${counted(intervals.length, "interval")} hold (${percent(share)}; 90 % are expected).`,
    "",
    ...table([["", "came", "foretold", ""].map(paint.dim), ...rows], { indent: 2 }),
    ...notForetoldInWords(notForetold).flatMap((one) => ["", `  ${one}`]),
  ];
}
