import { ESTIMATORS, type Estimator } from "../../off-policy/estimators.ts";
import type { ActionTally } from "../../off-policy/log.ts";
import type { Estimate, Evaluation } from "../../off-policy/off-policy.ts";
import type { Paint } from "../io.ts";
import { table } from "./table.ts";

/** The value of another policy: the log's own reward, each estimate with its interval and gain, and the data behind them. */
export function policyLines(policy: string, evaluation: Evaluation, actions: readonly ActionTally[], paint: Paint): string[] {
  const { decisions, units, logged, estimates, support, confidence } = evaluation;
  const base = units < decisions ? ` of ${units} customers` : "";
  const head = `${paint.bold(policy)} against a log of ${decisions} decisions${base}, ${percent(confidence)} intervals`;
  const rows = estimates
    ? ESTIMATORS.map((name) => [
        ...[NAMES[name], number(estimates[name].value), interval(estimates[name])],
        ...[signed(estimates[name].gain.value), interval(estimates[name].gain, signed)],
      ])
    : [];
  const own = logged ? [["the log itself", number(logged.value), interval(logged)]] : [];
  return [
    head,
    "",
    ...table([["", "reward", "", ...(rows.length > 0 ? ["gain", ""] : [])].map(paint.dim), ...own, ...rows], { indent: 2 }),
    "",
    ...(support
      ? [
          `worth ${Math.round(support.effectiveSampleSize)} decisions of that policy (weights: mean ${support.meanWeight.toFixed(2)}, highest ${number(support.maxWeight)})`,
        ]
      : []),
    ...actionLines(actions, paint),
  ];
}

// --- internal ---

const NAMES: Readonly<Record<Estimator, string>> = { ips: "IPS", snips: "self-normalised IPS", dr: "doubly robust" };
const SHOWN_ACTIONS = 12;

function actionLines(actions: readonly ActionTally[], { dim }: Paint): string[] {
  const often = [...actions].sort((a, b) => b.decisions - a.decisions);
  const rows = often.slice(0, SHOWN_ACTIONS).map(({ action, decisions, reward }) => [action, String(decisions), number(reward)]);
  const more = often.length > SHOWN_ACTIONS ? [`  and ${often.length - SHOWN_ACTIONS} more`] : [];
  return ["", ...table([["action", "taken", "mean reward"].map(dim), ...rows], { indent: 2 }), ...more];
}

/** Four significant digits. */
const number = (value: number): string => (value === 0 ? "0" : String(Number(value.toPrecision(4))));

const signed = (value: number): string => (value > 0 ? `+${number(value)}` : number(value));

const interval = ({ low, high }: Pick<Estimate, "low" | "high">, write = number): string => `${write(low)} to ${write(high)}`;

const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
