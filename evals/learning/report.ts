import { ESTIMATORS, type Estimator } from "../../off-policy/estimators.ts";
import type { Evaluation } from "../../off-policy/off-policy.ts";
import { type CrossCheck, distance, type Spread } from "./estimators.ts";
import { ARMS } from "./hillstrom-data.ts";
import { type judgeLate, type LateReport, type LearnerReport, type Mean, TARGET, WEEKS } from "./learner.ts";

/** All results of the evaluation. */
export interface LearningReport {
  readonly learner: LearnerReport;
  readonly late: ReturnType<typeof judgeLate>;
  /** The result of learning from some customers, evaluated on others; `named` identifies them. */
  readonly learned: { readonly evaluation: Evaluation; readonly named: string };
  readonly biased: Spread;
  readonly checks: readonly CrossCheck[];
}

/** A condition that must hold. */
export interface Requirement {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

const CLEARLY = 3;
const NOISE = 2;

/** Tolerated share of men's-only buyers with a better expectation for women's mail: they differ in other features too. */
const TOLERATED = 0.05;

export function requirementsOf({ learner, late, biased, checks }: LearningReport): Requirement[] {
  const { online, log, arms, prefersWomens } = learner;
  const overLog = inErrors(online, log);
  const underMens = inErrors(online, arms[TARGET]);
  const coverage = Math.min(...biased.rows.flatMap((row) => row.coverage ?? []));
  const answered = checks.flatMap(({ answer, truth }) => (answer.estimates ? [{ estimates: answer.estimates, truth }] : []));
  const farthest = Math.max(
    0,
    ...answered.flatMap(({ estimates, truth }) => ESTIMATORS.map((name) => Math.abs(distance(estimates[name], truth)))),
  );
  const lateOverLog = inErrors(late.prior.online, log);
  return [
    {
      name: "online, the learner beats the log's average clearly",
      holds: overLog > CLEARLY,
      detail: `${percent(online.value)} against ${percent(log.value)}: ${signed(overLog, 1)} standard errors, more than ${CLEARLY} are due`,
    },
    {
      name: "online, it comes within noise of always men's mail",
      holds: underMens > -NOISE,
      detail: `${percent(online.value)} against ${percent(arms[TARGET].value)}: ${signed(underMens, 1)} standard errors, more than -${NOISE} are due`,
    },
    {
      name: "at the end it does not prefer women's mail for those who only ever bought men's",
      holds: prefersWomens.mean <= TOLERATED,
      detail: `it does for ${percent(prefersWomens.mean)} of them, in the worst replay for ${percent(prefersWomens.worst)}`,
    },
    {
      name: "with outcomes a week late it beats the log's average clearly",
      holds: lateOverLog > CLEARLY,
      detail: `${percent(late.prior.online.value)} against ${percent(log.value)}: ${signed(lateOverLog, 1)} standard errors, more than ${CLEARLY} are due`,
    },
    {
      name: "the log that it leaves then can be asked about another policy",
      holds: late.prior.answer.estimates !== undefined,
      detail: answerIn(late.prior.answer),
    },
    {
      name: "intervals of the estimators hold the truth",
      holds: coverage >= 0.85,
      detail: `${percent(coverage)} of ${biased.runs} biased logs at the least, 95 % are due and 85 % allowed`,
    },
    ...(checks.length === 0
      ? []
      : [
          {
            name: "each policy's log gives the value of the other",
            holds: answered.length > 0 && farthest < CLEARLY,
            detail: `at most ${farthest.toFixed(1)} standard errors from the truth, ${checks.length - answered.length} of ${checks.length} refused`,
          },
        ]),
  ];
}

/** The results as Markdown: requirements, then the tables beside their references. */
export function resultLines(report: LearningReport, figures: string): string[] {
  const { learner, biased, checks } = report;
  const { noise, replays, rows } = { ...learner, noise: learner.online.error };
  return [
    ...requirementsOf(report).map(({ name, holds, detail }) => `- ${holds ? "holds" : "**fails**"}: ${name} (${detail})`),
    "",
    `### The learner, online: Hillstrom, ${rows} customers, ${replays} replays of ${learner.online.count} decisions`,
    "",
    ...table([["policy", "visits per customer", "± standard error"], ...onlineRows(report)]),
    "",
    `The learner's error is that of one replay (${percent(noise, 2)}): replays share their customers, so more of them tell hardly more.`,
    `It chose men's mail in ${percent(learner.shares[TARGET])} of its decisions, women's in ${percent(learner.shares["Womens E-Mail"])}, none in ${percent(learner.shares["No E-Mail"])}.`,
    "",
    `![visits per decision in the course of a replay](${figures}/hillstrom-online.svg)`,
    "",
    `### Outcomes a week late: ${WEEKS} weeks, the same customers`,
    "",
    ...table([
      ["what nobody has tried", "visits per customer", "± standard error", "in the first week", "always men's mail, by the log it leaves"],
      ...lateRows(report.late),
    ]),
    "",
    "### What it has learned at the end of a replay",
    "",
    ...table([
      ["bought before", "mail", "believed", "± 1 deviation", "observed in the log", "± standard error"],
      ...learner.beliefs.map(({ segment, arm, expected, low, high, observed }) => [
        ...[segment, arm, percent(expected), `${percent(low)} to ${percent(high)}`, percent(observed.value), percent(observed.error, 2)],
      ]),
    ]),
    "",
    `![beliefs beside what was observed](${figures}/hillstrom-beliefs.svg)`,
    "",
    `### The estimators where the truth is known: ${biased.runs} biased logs from Hillstrom`,
    "",
    `What ${biased.name} is worth (${percent(biased.truth)} on average), from logs that send it mostly to those who buy most.`,
    "",
    ...table([
      ["estimate", "bias", "root mean square error", "truth within the 95 % interval"],
      ...biased.rows.map(({ name, bias, error, coverage }) => [
        ...[NAMES[name] ?? name, signedPercent(bias), percent(error, 2), coverage === undefined ? "" : percent(coverage, 0)],
      ]),
    ]),
    ...checks.flatMap(checkLines),
    ...(checks.length > 0 ? ["", `![estimates beside the truth](${figures}/obd-estimates.svg)`] : []),
  ];
}

// --- internal ---

const NAMES: Readonly<Record<string, string>> = {
  ips: "IPS",
  snips: "self-normalised IPS",
  dr: "doubly robust",
} satisfies Record<Estimator, string>;

function onlineRows({ learner, learned }: LearningReport): string[][] {
  const row = (name: string, mean: Mean) => [name, percent(mean.value, 2), percent(mean.error, 2)];
  const estimate = learned.evaluation.estimates?.dr;
  return [
    row("the log: every arm alike", learner.log),
    ...ARMS.map((arm) => row(`always ${arm}`, learner.arms[arm])),
    row("**the learner, from the first decision on**", learner.online),
    row("the learner, last half of its decisions", learner.onlineLate),
    ...(estimate
      ? [
          [
            `what it learned, without exploring, for ${learned.named} (doubly robust)`,
            percent(estimate.value, 2),
            percent((estimate.high - estimate.low) / 3.92, 2),
          ],
        ]
      : []),
  ];
}

const lateRows = (late: LearningReport["late"]): string[][] => {
  const row = (name: string, { online, firstWeek, answer }: LateReport) => [
    ...[name, percent(online.value, 2), percent(online.error, 2), percent(firstWeek.value, 2), answerIn(answer)],
  ];
  return [row("**is drawn from its prior**", late.prior), row("counts as one half, for certain", late["one half"])];
};

/** An estimate with its interval, or why there is none. */
const answerIn = ({ estimates, refusals }: Evaluation): string =>
  estimates ? `${percent(estimates.dr.value)} (${interval(estimates.dr)})` : `refused: ${refusals.join("; ")}`;

const checkLines = ({ name, truth, answer: { decisions, support, logged, estimates, warnings, refusals } }: CrossCheck): string[] => [
  "",
  `### Open Bandit Dataset, ${name}`,
  "",
  `${decisions} impressions, worth ${Math.round(support?.effectiveSampleSize ?? 0)} of the other policy.${warnings.map((one) => ` Warning: ${one}.`).join("")}`,
  "",
  ...table([
    ["", "clicks per impression", "95 % interval", "off the truth", "in standard errors"],
    ["truth: the other policy's own log", percent(truth.value, 2), interval(truth), "", ""],
    ...(logged ? [["the log itself", percent(logged.value, 2), interval(logged), "", ""]] : []),
    ...ESTIMATORS.map((name) => {
      if (!estimates) return [NAMES[name] ?? name, "refused", refusals.join("; "), "", ""];
      const estimate = estimates[name];
      const off = (estimate.value - truth.value) / truth.value;
      return [
        ...[NAMES[name] ?? name, percent(estimate.value, 2), interval(estimate)],
        ...[signedPercent(off, 0), signed(distance(estimate, truth), 1)],
      ];
    }),
  ]),
];

/** A difference in standard errors of both. */
const inErrors = (one: Mean, other: Mean): number => (one.value - other.value) / Math.hypot(one.error, other.error);

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

const signed = (value: number, digits: number): string => `${value > 0 ? "+" : ""}${value.toFixed(digits)}`;

const signedPercent = (share: number, digits = 2): string => `${signed(100 * share, digits)} %`;

const interval = ({ low, high }: { readonly low: number; readonly high: number }): string => `${percent(low, 2)} to ${percent(high, 2)}`;

/** A Markdown table that is also readable as plain text. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head = "", ...body] = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body];
}
