import type { Comparison } from "./compare.ts";
import type { NearDecision } from "./near-decisions.ts";
import type { CaseResult, SuiteResult } from "./run-suite.ts";

/** The results as one self-contained page: no script, style sheet or font from elsewhere. */
export function reportHtml(title: string, suites: readonly SuiteResult[], madeAt: string, comparison?: Comparison): string {
  const expectations = suites.flatMap(({ cases }) => cases).flatMap((one) => one.expectations.map(({ held }) => held === one.trials));
  const held = expectations.filter(Boolean).length;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inHtml(title)}: golden decisions</title>
<style>${STYLE}</style>
<header>
  <h1>${inHtml(title)}</h1>
  <p class="sum ${held === expectations.length ? "good" : "bad"}">${held} of ${expectations.length} expectations hold</p>
  <p class="dim">${inHtml(madeAt)}</p>
</header>
${comparison ? comparisonHtml(comparison) : ""}
${suites.map(suiteHtml).join("\n")}
</html>
`;
}

// --- internal ---

const STYLE = `
:root { color-scheme: light dark; --good: #1a7f4b; --bad: #c0322b; --line: color-mix(in srgb, currentColor 14%, transparent); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.sum { font-size: 1.2rem; margin: .2rem 0; } .good { color: var(--good); } .bad { color: var(--bad); } .dim { opacity: .6; margin: 0; }
details { border-top: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
ul { list-style: none; margin: .3rem 0 .6rem; padding-left: 1.4rem; } li { margin: .2rem 0; } code { font-size: .85em; overflow-wrap: anywhere; }
.because { display: block; opacity: .75; font-size: .9em; }
`;

function suiteHtml({ name, score, gate, cases }: SuiteResult): string {
  const isBelow = score < gate;
  return `<section>
<h2>${inHtml(name)} <span class="${isBelow ? "bad" : "good"}">${percent(score)}</span> <span class="dim">gate ${percent(gate)}</span></h2>
${cases.map(caseHtml).join("\n")}
</section>`;
}

function caseHtml({ name, passed, trials, expectations }: CaseResult): string {
  const isGood = passed === trials;
  const items = expectations.map(({ expectation, held, because, file, line, near = [] }) => {
    const sign = held === trials ? '<span class="good">✓</span>' : '<span class="bad">✗</span>';
    const often = trials > 1 ? ` <span class="dim">${held} of ${trials}</span>` : "";
    const why = because === undefined ? "" : `<span class="because">${inHtml(`${file}:${line}: ${because}`)}</span>${nearHtml(near)}`;
    return `<li>${sign} <code>${inHtml(expectation)}</code>${often}${why}</li>`;
  });
  return `<details${isGood ? "" : " open"}><summary class="${isGood ? "" : "bad"}">${isGood ? "✓" : "✗"} ${inHtml(name)}</summary><ul>${items.join("")}</ul></details>`;
}

const nearHtml = (near: readonly NearDecision[]): string =>
  near.length === 0
    ? ""
    : `<ul>${near.map(({ decision, differs }) => `<li><code>${inHtml(decision)}</code>${differs.map((words) => `<span class="because">${inHtml(words)}</span>`).join("")}</li>`).join("")}</ul>`;

function comparisonHtml({ better, worse, added, gone }: Comparison): string {
  const list = (heading: string, names: readonly string[], tone: string) =>
    names.length === 0
      ? ""
      : `<h2 class="${tone}">${heading}</h2><ul>${names.map((name) => `<li><code>${inHtml(name)}</code></li>`).join("")}</ul>`;
  return `<section>${list("Worse than the baseline", worse, "bad")}${list("Better than the baseline", better, "good")}${list("New", added, "")}${list("Removed", gone, "dim")}</section>`;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

const inHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
