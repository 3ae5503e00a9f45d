import type { Figure } from "../results/figures.ts";
import { amount, bounds, signed } from "../results/words.ts";
import { escaped } from "./svg.ts";

/** Beside every heading of what is simulated. */
export const SIMULATED = '<span class="marked">simulated</span>';

export interface ComparedRow {
  readonly name: string;
  readonly against: Figure;
  readonly with: Figure;
  readonly difference: Figure;
}

/** Both sides and their difference; the names are escaped here. */
export const comparedTable = (rows: readonly ComparedRow[]): string =>
  tableHtml(
    ["", "against", "with", "difference"],
    rows.map((row) => [escaped(row.name), figureCell(row.against), figureCell(row.with), figureCell(row.difference, signed)]),
  );

/** A table; the first column is text, the others are numbers where they look like some. Cells are HTML. */
export function tableHtml(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (html: string, column: number): string =>
    column === 0 ? `<th scope="row">${html}</th>` : `<td${/^[+−]?\d/.test(html) ? ' class="number"' : ""}>${html}</td>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`);
  const columns = head.map(
    (name, column) =>
      `<th scope="col"${/^[+−]?\d/.test(rows[0]?.[column] ?? "") && column > 0 ? ' class="number"' : ""}>${escaped(name)}</th>`,
  );
  return `<table><thead><tr>${columns.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

/** A figure with its bounds, where paths differ. */
export function figureCell(figure: Figure, write: (value: number) => string = amount): string {
  const range = bounds(figure, write);
  return `${write(figure.mean)}${range === "" ? "" : ` <span class="soft">(${range})</span>`}`;
}
