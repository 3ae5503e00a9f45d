import type { ReactNode } from "react";
import { Scroller } from "../parts/scroller.tsx";
import { RowLink } from "../parts/table/row-link.tsx";
import { count } from "../values/numbers.ts";
import { plain } from "../values/visible.ts";
import { actionWords, layoutMatrix, type MatrixCell, type ShownCell } from "./recorded-matrix.layout.ts";
import styles from "./recorded-matrix.module.css";

export interface RecordedMatrixProps {
  readonly cells: readonly MatrixCell[];
  /** The page of a cell: of what was done before and after. */
  readonly toOf: (against: string, after: string) => string;
}

/** Before and after: how many recorded wakes came out so and so. A number opens the wakes behind it; on the diagonal nothing else was done. */
export function RecordedMatrix({ cells, toOf }: RecordedMatrixProps): ReactNode {
  const { columns, rows } = layoutMatrix(cells);
  return (
    <Scroller label="Recorded wakes, before and after" className={styles["scroll"]}>
      <table className={styles["matrix"]} aria-label="Recorded wakes by what was done, before and after">
        <thead>
          <tr>
            <th scope="col">against ↓ with →</th>
            {columns.map((action) => (
              <th key={action} scope="col">
                {plain(actionWords(action))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ action, cells: shown }) => (
            <tr key={action}>
              <th scope="row">{plain(actionWords(action))}</th>
              {shown.map((cell) => (
                <td key={cell.action} data-shade={cell.shade} data-same={cell.action === action || undefined}>
                  <Cell cell={cell} before={action} to={toOf(action, cell.action)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

// --- internal ---

function Cell({ cell, before, to }: { readonly cell: ShownCell; readonly before: string; readonly to: string }): ReactNode {
  const { action, count: wakes, different } = cell;
  if (wakes === 0) return <span className={styles["none"]}>·</span>;
  const isSame = action === before;
  const otherwise = isSame && different > 0 ? `${count(different)} ${different === 1 ? "differs" : "differ"}` : "";
  return (
    <RowLink to={to} aria-label={`${count(wakes)} ${otherwise} ${plain(`${actionWords(before)} before, ${actionWords(action)} after`)}`}>
      {count(wakes)}
      {otherwise !== "" && <small> {otherwise}</small>}
    </RowLink>
  );
}
