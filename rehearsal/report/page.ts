import { type ByName, type Figure, namesIn, ownValue } from "../results/figures.ts";
import type { Details, Forward } from "../results/forward.ts";
import type { RehearsalResult } from "../results/rehearsal-result.ts";
import { amount, counted, foundIn, NAMED_FIGURES, percent, playedInWords, SINGLE_FIGURES, signed } from "../results/words.ts";
import { backtestHtml, modelHtml, recordedHtml, valueHtml } from "./other-parts.ts";
import { STYLE } from "./style.ts";
import { bandPicture, barPicture, differencePicture, escaped } from "./svg.ts";
import { comparedTable, figureCell, SIMULATED, tableHtml } from "./tables.ts";

/** What the report says about itself, beyond the result. */
export interface About {
  /** The name of the workspace. */
  readonly title: string;
  /** What both sides are: a folder, or a version. */
  readonly against: string;
  readonly with: string;
}

/**
 * A rehearsal as one self-contained page: no script, style sheet, font or picture from elsewhere, every text escaped. Whatever is simulated
 * is marked as such. The same result gives the same page.
 */
export function reportHtml(result: RehearsalResult, about: About): string {
  const { forward } = result;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(about.title)}: rehearsal (simulated)</title>
<style>${STYLE}</style>
<header>
  <h1>${escaped(about.title)}: rehearsal</h1>
  <p class="soft">${escaped(playedInWords(result))}</p>
  <p><span class="key">${keyOf("against")}<b>against</b> ${escaped(about.against)}</span><span class="key">${keyOf("with")}<b>with</b> ${escaped(about.with)}</span></p>
  <p class="banner"><b>Simulated.</b> Figures marked ${SIMULATED} are of futures that were played. None of it has happened, and nothing was sent.
  An interval holds 90 of 100 paths. The parts “Recorded” and “Value from the log” are of what has happened, and are never mixed with the rest.</p>
</header>
<main>
<section><h2>What differs ${SIMULATED}</h2>
${foundIn(forward)
  .map((sentence) => `<p class="found">${escaped(sentence)}</p>`)
  .join("\n")}
${comparedTable(SINGLE_FIGURES.map(([name, words]) => ({ name: words, against: forward.against[name], with: forward.with[name], difference: forward.difference[name] })))}
</section>
${pictures(forward)}
${peopleHtml(forward)}
${groupsHtml(forward)}
${NAMED_FIGURES.map(([name, words]) => namedHtml(words, forward.against[name], forward.with[name], forward.difference[name])).join("\n")}
${recordedHtml(result.recorded)}
${valueHtml(result.value)}
${result.backtest ? backtestHtml(result.backtest) : ""}
${modelHtml(forward.notModelled)}
</main>
</html>
`;
}

// --- internal ---

const keyOf = (side: "against" | "with"): string =>
  `<svg viewBox="0 0 34 12" aria-hidden="true"><line class="line ${side}" x1="1" x2="33" y1="6" y2="6"/></svg>`;

/** A picture, and the numbers that it is made of below it. */
const figure = (heading: string, svg: string, table: string): string =>
  `<section><h2>${escaped(heading)} ${SIMULATED}</h2><figure>${svg}</figure><details><summary>the numbers</summary><div class="wide">${table}</div></details></section>`;

const rowsOf = (against: ByName<Figure>, other: ByName<Figure>) =>
  namesIn([against, other])
    .map((name) => ({ name, against: ownValue(against, name) ?? NONE, with: ownValue(other, name) ?? NONE }))
    .sort((a, b) => b.with.mean + b.against.mean - a.with.mean - a.against.mean);

const NONE: Figure = { mean: 0, low: 0, high: 0 };

function pictures({ details, against, with: other, difference }: Forward): string {
  const sides = (of: (one: Details) => readonly Figure[]) => ({ against: of(details.against), with: of(details.with) });
  const deliveries = sides(({ deliveriesByDay }) => deliveriesByDay);
  const weeks = sides(({ contactsInAWeek }) => contactsInAWeek);
  const weekRows = WEEKS.map((name, often) => ({ name, against: weeks.against[often] ?? NONE, with: weeks.with[often] ?? NONE }));
  const held = rowsOf(prefixed(against), prefixed(other));
  const rules = rowsOf(details.against.nothingBy, details.with.nothingBy);
  const experiences = Object.entries(difference.byExperience).map(([name, one]) => ({ name, difference: one }));
  return [
    figure("Deliveries a day", bandPicture("Deliveries a day", deliveries), daysTable(deliveries)),
    figure(
      "Weeks of a customer, by contacts in them",
      barPicture("Share of a customer's weeks with so many contacts", weekRows, percent),
      bothTable("contacts", weekRows, percent),
    ),
    experiences.length === 0
      ? ""
      : figure(
          "Difference by experience",
          differencePicture("How many more or fewer deliveries of each experience", experiences, signed),
          comparedTable(
            experiences.map(({ name, difference: one }) => ({
              ...{ name, difference: one },
              ...{ against: ownValue(against.byExperience, name) ?? NONE, with: ownValue(other.byExperience, name) ?? NONE },
            })),
          ),
        ),
    held.length === 0
      ? ""
      : figure("Silences and deferrals, by reason", barPicture("Silences and deferrals by reason", held), bothTable("reason", held)),
    rules.length === 0
      ? ""
      : figure(
          "Who gets nothing, and by which rule",
          barPicture("Customers who get nothing, by the rule that most often keeps them from it", rules),
          bothTable("rule", rules),
        ),
    ...namesIn([details.against.tasksByDay, details.with.tasksByDay]).map((queue) => {
      const tasks = sides(({ tasksByDay }) => ownValue(tasksByDay, queue) ?? deliveries.with.map(() => NONE));
      return figure(`Tasks a day for ${queue}`, bandPicture(`Tasks a day for ${queue}`, tasks, 160), daysTable(tasks));
    }),
  ].join("\n");
}

const WEEKS = ["no contact", "1 contact", "2 contacts", "3 contacts", "4 contacts or more"];

const prefixed = ({ silences, deferred }: Pick<Forward["with"], "silences" | "deferred">): ByName<Figure> =>
  Object.fromEntries([
    ...Object.entries(silences).map(([code, one]) => [`silent: ${code}`, one] as const),
    ...Object.entries(deferred).map(([code, one]) => [`deferred: ${code}`, one] as const),
  ]);

function peopleHtml({ leftOut, reached }: Forward): string {
  const list = (heading: string, people: Forward["leftOut"]): string =>
    people.length === 0
      ? ""
      : `<h3>${heading}</h3>${tableHtml(
          ["customer", "nothing, against", "nothing, with", "rule"],
          people.map((one) => [escaped(one.customerId), percent(one.against), percent(one.with), escaped(one.rule)]),
        )}`;
  if (leftOut.length === 0 && reached.length === 0) return "";
  return `<section><h2>Whom it would leave out ${SIMULATED}</h2><p class="soft">In how many of all paths a customer gets nothing; the largest differences first.</p>${list("Left out more often", leftOut)}${list("Reached more often", reached)}</section>`;
}

function groupsHtml({ groups = [] }: Forward): string {
  if (groups.length === 0) return "";
  const tables = groups.map(
    ({ name, customers, against, with: other, difference }) =>
      `<h3>${escaped(name)} <span class="soft">${counted(customers, "customer")}</span></h3>${comparedTable(SINGLE_FIGURES.map(([key, words]) => ({ name: words, against: against[key], with: other[key], difference: difference[key] })))}`,
  );
  return `<section><h2>By group ${SIMULATED}</h2>${tables.join("\n")}</section>`;
}

function namedHtml(words: string, against: ByName<Figure>, other: ByName<Figure>, difference: ByName<Figure>): string {
  const rows = rowsOf(against, other).map((row) => ({ ...row, difference: ownValue(difference, row.name) ?? NONE }));
  if (rows.length === 0) return "";
  return `<section><h2>${escaped(words.slice(0, 1).toUpperCase() + words.slice(1))} ${SIMULATED}</h2>${comparedTable(rows)}</section>`;
}

const bothTable = (
  what: string,
  rows: readonly { readonly name: string; readonly against: Figure; readonly with: Figure }[],
  write: (value: number) => string = amount,
): string =>
  tableHtml(
    [what, "against", "with"],
    rows.map((row) => [escaped(row.name), figureCell(row.against, write), figureCell(row.with, write)]),
  );

const daysTable = (sides: { readonly against: readonly Figure[]; readonly with: readonly Figure[] }): string =>
  bothTable(
    "day",
    sides.with.map((one, day) => ({ name: String(day + 1), with: one, against: sides.against[day] ?? NONE })),
  );
