import { largestFirst, NONE, type Pictured, picturesOf } from "../pictures/pictures.ts";
import { type ByName, type Figure, ownValue } from "../results/figures.ts";
import type { Forward } from "../results/forward.ts";
import type { RehearsalResult } from "../results/rehearsal-result.ts";
import { counted, foundIn, NAMED_FIGURES, percent, playedInWords, SINGLE_FIGURES } from "../results/words.ts";
import { backtestHtml, modelHtml, policiesHtml, recordedHtml, valueHtml } from "./other-parts.ts";
import { STYLE } from "./style.ts";
import { escaped, svgOf } from "./svg.ts";
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
${picturesOf(forward).map(pictureHtml).join("\n")}
${peopleHtml(forward)}
${groupsHtml(forward)}
${NAMED_FIGURES.map(([name, words]) => namedHtml(words, forward.against[name], forward.with[name], forward.difference[name])).join("\n")}
${recordedHtml(result.recorded)}
${valueHtml(result.value)}
${result.backtest ? backtestHtml(result.backtest) : ""}
${policiesHtml(result.policies.differ)}
${modelHtml(forward.notModelled)}
</main>
</html>
`;
}

// --- internal ---

const keyOf = (side: "against" | "with"): string =>
  `<svg viewBox="0 0 34 12" aria-hidden="true"><line class="line ${side}" x1="1" x2="33" y1="6" y2="6"/></svg>`;

/** A picture, and the numbers that it is made of below it. */
function pictureHtml({ heading, draw, each, rows, write }: Pictured): string {
  const isCompared = rows.some(({ difference }) => difference !== undefined);
  const table = isCompared
    ? comparedTable(rows.map(({ difference = NONE, ...row }) => ({ ...row, difference })))
    : tableHtml(
        [each, "against", "with"],
        rows.map((row) => [escaped(row.name), figureCell(row.against, write), figureCell(row.with, write)]),
      );
  return `<section><h2>${escaped(heading)} ${SIMULATED}</h2><figure>${svgOf(draw())}</figure><details><summary>the numbers</summary><div class="wide">${table}</div></details></section>`;
}

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
  const rows = largestFirst(against, other).map((row) => ({ ...row, difference: ownValue(difference, row.name) ?? NONE }));
  if (rows.length === 0) return "";
  return `<section><h2>${escaped(words.slice(0, 1).toUpperCase() + words.slice(1))} ${SIMULATED}</h2>${comparedTable(rows)}</section>`;
}
