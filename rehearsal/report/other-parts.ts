import { ESTIMATOR_NAMES, type Estimated, type Evaluated } from "../results/evaluated.ts";
import { type ByName, namesIn, ownValue } from "../results/figures.ts";
import type { MatrixCell } from "../results/matrix.ts";
import { actionInWords, gridOf } from "../results/matrix-words.ts";
import type { PolicyDifferences } from "../results/policies.ts";
import type { Backtested, Recorded } from "../results/rehearsal-result.ts";
import { amount, differencesInWords, notForetoldInWords, percent, recordedInWords, signed } from "../results/words.ts";
import { escaped } from "./svg.ts";
import { figureCell, SIMULATED, tableHtml } from "./tables.ts";

/** What the recorded stream comes to under both policies: no part of it is simulated. */
export function recordedHtml(recorded: Recorded): string {
  const { against, with: other } = recorded;
  const row = (name: string, was = 0, is = 0): string[] => [escaped(name), amount(was), amount(is), was === is ? "" : signed(is - was)];
  const rows = (was: ByName<number>, is: ByName<number>): string[][] =>
    namesIn([was, is]).map((name) => row(name, ownValue(was, name), ownValue(is, name)));
  const parts = [
    ["By experience", rows(against.byExperience, other.byExperience)],
    ["By channel", rows(against.byChannel, other.byChannel)],
    ["By department", rows(against.byDepartment, other.byDepartment)],
    ["Silences by code", rows(against.silences, other.silences)],
  ] as const;
  const tables = parts.map(([heading, body]) =>
    body.length === 0 ? "" : `<h3>${heading}</h3>${tableHtml(["", "against", "with", "difference"], body)}`,
  );
  return `<section><h2>Recorded</h2>
<p>The recorded stream under both: ${recordedInWords(recorded)}</p>
${matrixHtml(recorded.matrix)}
${tableHtml(["", "against", "with", "difference"], [row("deliveries", against.deliveries, other.deliveries)])}
${tables.join("\n")}</section>`;
}

function matrixHtml(matrix: readonly MatrixCell[]): string {
  const { rows, columns } = gridOf(matrix);
  if (rows.length === 0) return "";
  const body = rows.map(({ action, counts }) => [escaped(actionInWords(action)), ...counts.map(escaped)]);
  return `<h3>Wakes by what was done, against (rows) and with (columns)</h3><div class="wide">${tableHtml(["", ...columns.map(actionInWords)], body)}</div>`;
}

/** What the log says the policy is worth, or why it cannot say. */
export function valueHtml(value: Evaluated): string {
  if ("refused" in value)
    return `<section><h2>Value from the log</h2><p>The log cannot answer:</p><ul>${value.refused.map((why) => `<li>${escaped(why)}</li>`).join("")}</ul></section>`;
  const { decisions, units, confidence, logged, estimates, warnings } = value;
  const cells = ({ value: mean, low, high }: Estimated, write = amount): string => figureCell({ mean, low, high }, write);
  const rows = [
    ["the log itself", cells(logged), ""],
    ...ESTIMATOR_NAMES.map(([name, words]) => [words, cells(estimates[name]), cells(estimates[name].gain, signed)]),
  ];
  return `<section><h2>Value from the log</h2><p class="soft">Reward a decision, from ${amount(decisions)} logged decisions of ${amount(units)} customers, ${percent(confidence)} intervals.</p>
${tableHtml(["", "reward", "gain"], rows)}
${warnings.map((warning) => `<p>${escaped(warning)}</p>`).join("\n")}</section>`;
}

/** How well the past foretold the last part of the record. */
export function backtestHtml({ intervals, held, share, notForetold }: Backtested): string {
  const rows = intervals.map((one) => [escaped(one.name), amount(one.actual), figureCell(one.interval), one.held ? "holds" : "fails"]);
  return `<section><h2>Backtest ${SIMULATED}</h2><p>${amount(held)} of ${amount(intervals.length)} intervals hold (${percent(share)}; 90 % are expected).</p>
${tableHtml(["", "came", "foretold", ""], rows)}${notForetoldInWords(notForetold)
  .map((one) => `<p>${escaped(one)}</p>`)
  .join("")}</section>`;
}

/** What only one of both policies has; nothing where they have the same. */
export function policiesHtml(differ: PolicyDifferences): string {
  const lines = differencesInWords(differ).map((line) => `<li>${escaped(line)}</li>`);
  return lines.length === 0 ? "" : `<section><h2>What only one policy has</h2><ul>${lines.join("")}</ul></section>`;
}

/** What the futures know nothing of. */
export const modelHtml = (notModelled: readonly string[]): string =>
  `<section><h2>Not modelled</h2><ul>${notModelled.map((one) => `<li>${escaped(one)}</li>`).join("")}</ul></section>`;
