import { need } from "../../domain/errors.ts";
import { DAY } from "../../domain/values/time.ts";
import { backtestHistory, ENOUGH_INTERVALS, type HistoryBacktest } from "../../rehearsal/backtest-history.ts";
import { policyOf } from "../../testing/policy.ts";
import { recordedHistory } from "../../testing/recorded-history.ts";
import { FROM, POPULATIONS, type PopulationName, SPLIT, UNTIL, ZONE } from "./population.ts";
import type { Requirement } from "./report.ts";

/** A whole history, each population a type of signal of the same customers, with deliveries and their answers. */
export interface WholeHistory {
  readonly result: HistoryBacktest;
  readonly requirements: readonly Requirement[];
}

export async function judgeWholeHistory({
  paths,
  customers,
}: {
  readonly paths: number;
  readonly customers: number;
}): Promise<WholeHistory> {
  const types = Object.entries(POPULATIONS).map(([name, population]) => [name, { perWeek: 0.5, ...population }] as const);
  const history = recordedHistory({
    ...{ customers, from: FROM, until: UNTIL, zone: ZONE, seed: "arrivals" },
    types: { ...Object.fromEntries(types), visited: { perWeek: 0.15 } },
    experiences: {
      remind: {
        ...{ channel: "mail", perWeek: 0.2, answers: { opened: 0.5, clicked: 0.1 } },
        success: { signal: "visited", chance: 0.25, within: 14 * DAY },
      },
      news: { channel: "sms", perWeek: 0.3, answers: { delivered: 0.9, replied: 0.05, unsubscribed: 0.01 } },
    },
  });
  const policies = [POLICY];
  const options = { policies, share: (UNTIL - SPLIT) / (UNTIL - FROM), paths, seed: "arrivals" };
  const result = need(await backtestHistory(history, options), "a backtest that nobody stops");
  const foretold = result.intervals.filter(({ name }) => isForetold(name));
  const holding = foretold.filter(({ held }) => held).length / foretold.length;
  return {
    result,
    requirements: [
      { words: `at least ${100 * ENOUGH_INTERVALS} % of intervals hold, without the change`, holds: holding >= ENOUGH_INTERVALS },
      { words: "the change is seen to fail", holds: result.intervals.some(({ name, held }) => !isForetold(name) && !held) },
    ],
  };
}

/** The table, and the requirements that do not hold. */
export function wholeHistoryLines({ result, requirements }: WholeHistory): string[] {
  const rows = result.intervals.map(({ of, name, came, mean, low, high, held }) =>
    [`| ${of}: ${name}`, came, Math.round(mean), `${low} to ${high}`, held ? "yes |" : "**no** |"].join(" | "),
  );
  const failed = requirements.filter(({ holds }) => !holds).map(({ words }) => `not held: a whole history: ${words}`);
  return [
    ...["| a whole history | came | foretold | 90 of 100 plays | holds |", `|${" --- |".repeat(5)}`, ...rows],
    ...(failed.length > 0 ? ["", ...failed] : []),
  ];
}

// --- internal ---

const POLICY = policyOf("channels: {mail: {kind: file}, sms: {kind: file}}", [
  "id: remind\nchannels: {mail: {text: Hello}}\nsuccess: {signal: visited, within: 14d}",
  "id: news\nchannels: {sms: {text: News}}",
]);

const isForetold = (name: string): boolean => !Object.hasOwn(POPULATIONS, name) || POPULATIONS[name as PopulationName].isForetold;
