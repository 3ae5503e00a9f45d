import type { PopulationName } from "./population.ts";
import { POPULATIONS } from "./population.ts";
import { type Simulation, type SimulationOptions, shareOfGain, type Week } from "./simulate.ts";

/** A population, with hours drawn and with the best one always chosen. */
export interface Judged {
  readonly exploring: Simulation;
  readonly without: Simulation;
}

interface Requirement {
  readonly text: string;
  holds(judged: readonly Judged[]): boolean;
}

/** What has to hold for `learning.times` to be worth its waits. */
export const REQUIREMENTS: readonly Requirement[] = [
  requirement(
    "after 8 weeks it gets more than half of the possible gain where customers have an hour of their own",
    "own hour",
    (share) => share > 0.5,
  ),
  requirement("after 4 weeks it gets more than half of it where all read in the evening", "everyone's evening", (share) => share > 0.5, 4),
  requirement("after 8 weeks it gets more than half of it where half of them have an hour", "half have an hour", (share) => share > 0.5),
  {
    text: "where there is no habit it costs no reading",
    holds: (judged) =>
      both("no habit", judged).every(({ weeks }) => weeks.every(({ chosen, atOnce }) => Math.abs(chosen - atOnce) < 0.005)),
  },
];

/** The results as Markdown. */
export function resultLines(judged: readonly Judged[], { customers, perWeek }: Pick<SimulationOptions, "customers" | "perWeek">): string[] {
  return [
    ...REQUIREMENTS.map(({ text, holds }) => `- ${holds(judged) ? "holds" : "**fails**"}: ${text}`),
    "",
    `Share of the possible gain, ${customers} customers each, ${perWeek} messages a week; with \`explore: thompson\`, and with \`none\`.`,
    "",
    "| population | read when sent at once | at the best hour | 2 weeks | 4 weeks | 8 weeks | read after 8 weeks | wait then |",
    "|---|---|---|---|---|---|---|---|",
    ...judged.map(rowOf),
  ];
}

// --- internal ---

function requirement(text: string, population: PopulationName, isEnough: (share: number) => boolean, week = 8): Requirement {
  return { text, holds: (judged) => both(population, judged).every(({ weeks }) => isEnough(shareOfGain(weekOf(weeks, week)))) };
}

const both = (population: PopulationName, judged: readonly Judged[]): Simulation[] =>
  judged.filter(({ exploring }) => exploring.population === population).flatMap(({ exploring, without }) => [exploring, without]);

const NO_WEEK: Week = { messages: 0, atOnce: 0, chosen: 0, best: 0, waitHours: 0 };

const weekOf = (weeks: readonly Week[], week: number): Week => weeks[week - 1] ?? NO_WEEK;

function rowOf({ exploring, without }: Judged): string {
  const { population } = exploring;
  const last = (of: (week: Week) => string) => `${of(weekOf(exploring.weeks, 8))}, ${of(weekOf(without.weeks, 8))}`;
  const share = (week: number) =>
    [exploring, without]
      .map(({ weeks }) => shareText(weekOf(weeks, week)))
      .filter((text, index, all) => all.indexOf(text) === index)
      .join(", ");
  const [{ atOnce, best }] = [weekOf(exploring.weeks, 8)];
  const cells = [
    ...[`${population}: ${POPULATIONS[population]}`, percent(atOnce), percent(best)],
    ...[share(2), share(4), share(8)],
    ...[last(({ chosen }) => percent(chosen)), last(({ waitHours }) => `${waitHours.toFixed(1)} h`)],
  ];
  return `| ${cells.join(" | ")} |`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Without a habit there is nothing to gain. */
const shareText = (week: Week): string => (week.best - week.atOnce < 1e-6 ? "–" : `${Math.round(100 * shareOfGain(week))} %`);
