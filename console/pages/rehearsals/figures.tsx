import type { ReactNode } from "react";
import type { Figure } from "../../../rehearsal/results/figures.ts";
import { amount, bounds, signed } from "../../../rehearsal/results/words.ts";
import { PlainTable } from "../../parts/plain-table.tsx";
import { RowLink } from "../../parts/table/row-link.tsx";
import { plain } from "../../values/visible.ts";
import styles from "./rehearsal.module.css";
import type { Part } from "./words.ts";

/** The page of what is behind a number: of one side, or of both. */
export type ToCell = (part: Part, cell: string, side?: "against" | "with") => string;

/** A figure of both sides. */
export interface FigureRow {
  readonly name: string;
  /** The cell whose decisions are behind it; none where there are none. */
  readonly cell?: string | undefined;
  readonly against: Figure;
  readonly with: Figure;
  readonly difference?: Figure | undefined;
}

export interface FiguresProps {
  /** What a row is. */
  readonly each: string;
  readonly rows: readonly FigureRow[];
  readonly toCell: ToCell;
  readonly write?: (value: number) => string;
}

/** Simulated figures of both sides with the bounds of 90 of 100 paths, and the difference path by path. Each number opens what is behind it. */
export function Figures({ each, rows, toCell, write = amount }: FiguresProps): ReactNode {
  const isCompared = rows.some(({ difference }) => difference !== undefined);
  return (
    <PlainTable heads={[each, "against, simulated", "with, simulated", ...(isCompared ? ["difference, simulated"] : [])]}>
      {rows.map((row) => {
        const to = (side?: "against" | "with") => (row.cell === undefined ? undefined : toCell("forward", row.cell, side));
        return (
          <tr key={row.name}>
            <th scope="row">{plain(row.name, 200)}</th>
            {(["against", "with"] as const).map((side) => (
              <td key={side} className={styles["number"]}>
                <Shown figure={row[side]} write={write} of={`${row.name}, ${side}`} to={row[side].high > 0 ? to(side) : undefined} />
              </td>
            ))}
            {row.difference !== undefined && (
              <td className={styles["number"]}>
                <Shown figure={row.difference} write={signed} of={`${row.name}, difference`} to={to()} />
              </td>
            )}
          </tr>
        );
      })}
    </PlainTable>
  );
}

/** A figure of both sides that was counted, not played. */
export interface CountRow {
  readonly name: string;
  readonly cell: string;
  readonly against: number;
  readonly with: number;
}

/** Numbers of the recorded stream: no part of them is simulated. */
export const Counts = ({
  each,
  rows,
  toCell,
}: Pick<FiguresProps, "each" | "toCell"> & { readonly rows: readonly CountRow[] }): ReactNode => (
  <PlainTable heads={[each, "against", "with", "difference"]}>
    {rows.map((row) => (
      <tr key={row.name}>
        <th scope="row">{plain(row.name, 200)}</th>
        {(["against", "with"] as const).map((side) => (
          <td key={side} className={styles["number"]}>
            <To to={row[side] > 0 ? toCell("recorded", row.cell, side) : undefined} text={amount(row[side])} of={`${row.name}, ${side}`} />
          </td>
        ))}
        <td className={styles["number"]}>
          <To
            to={row.against === row.with ? undefined : toCell("recorded", row.cell)}
            text={row.against === row.with ? "0" : signed(row.with - row.against)}
            of={`${row.name}, difference`}
          />
        </td>
      </tr>
    ))}
  </PlainTable>
);

// --- internal ---

interface ShownProps {
  readonly figure: Figure;
  readonly write: (value: number) => string;
  readonly of: string;
  readonly to: string | undefined;
}

function Shown({ figure, write, of, to }: ShownProps): ReactNode {
  const range = bounds(figure, write);
  return <To to={to} text={write(figure.mean)} range={range === "" ? undefined : `(${range})`} of={of} />;
}

interface ToProps {
  readonly to: string | undefined;
  readonly text: string;
  readonly range?: string | undefined;
  /** What the number is of: many links of a page have the same number. */
  readonly of: string;
}

function To({ to, text, range, of }: ToProps): ReactNode {
  const shown = (
    <>
      {text}
      {range !== undefined && " "}
      {range !== undefined && <small>{range}</small>}
    </>
  );
  if (to === undefined) return shown;
  return (
    <RowLink to={to} aria-label={plain([text, range, of].filter(Boolean).join(" "), 300)}>
      {shown}
    </RowLink>
  );
}
