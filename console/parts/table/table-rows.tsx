import { memo, type ReactNode, useRef } from "react";
import { useKeys } from "../../reader/keys.ts";
import styles from "../data-table.module.css";
import { RowLink, useRowLinks } from "./row-link.tsx";
import { type ShownRows, useShownRows } from "./shown-rows.ts";

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** A CSS width; columns without one share what is left. */
  readonly width?: string;
  /** `main` holds the link of the row; `number` is set flush right; `quiet` is secondary; `text` may take several lines. */
  readonly kind?: "main" | "number" | "quiet" | "text";
  /** On a phone: a line of its own, beside others (the default), or beside others with its head before it. */
  readonly phone?: "whole" | "labelled";
}

export interface TableRowsProps<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly rowTo?: ((row: Row) => string) | undefined;
  readonly selected?: string | undefined;
}

/** The body of a `DataTable`. Scrolling draws this part alone, and of it the rows that come into view. */
export function TableRows<Row>({ rows, columns, rowKey, rowTo, selected }: TableRowsProps<Row>): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  const { from, to, before, after, measure, scrollTo } = useShownRows(rows.length, body);
  useRowKeys(body, rows.length, scrollTo);
  return (
    // biome-ignore lint/a11y/noRedundantRoles: cards on phones are no table to a browser any more.
    <tbody role="rowgroup" ref={body} {...useRowLinks()}>
      <Space height={before} columns={columns.length} />
      {rows.slice(from, to).map((row, index) => (
        <TableRow
          key={rowKey(row)}
          row={row}
          index={from + index}
          columns={columns}
          to={rowTo?.(row)}
          isSelected={rowKey(row) === selected}
          measure={measure}
        />
      ))}
      <Space height={after} columns={columns.length} />
    </tbody>
  );
}

// --- internal ---

interface TableRowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly to: string | undefined;
  readonly isSelected: boolean;
  readonly measure: ShownRows["measure"];
}

function EachRow<Row>({ row, index, columns, to, isSelected, measure }: TableRowProps<Row>): ReactNode {
  return (
    <tr
      ref={measure}
      // biome-ignore lint/a11y/noRedundantRoles: cards on phones are no rows to a browser any more.
      role="row"
      data-index={index}
      data-selected={isSelected || undefined}
      aria-rowindex={index + 2}
      className={styles["row"]}
    >
      {columns.map((column) => cellOf(column, row, column.kind === "main" ? to : undefined))}
    </tr>
  );
}

/** Scrolling draws the rows that come into view, not those that are there. */
const TableRow = memo(EachRow) as typeof EachRow;

// No component: a list has thousands of cells, and each would be one more to keep.
function cellOf<Row>({ kind, phone, head, cell }: Column<Row>, row: Row, to: string | undefined): ReactNode {
  const classes = [
    kind === "number" && styles["number"],
    kind === "quiet" && styles["quiet"],
    kind !== "text" && styles["line"],
    phone !== undefined && phone !== "labelled" && styles[phone],
  ];
  const content = cell(row);
  return (
    // biome-ignore lint/a11y/noRedundantRoles: cards on phones are no cells to a browser any more.
    <td key={head} role="cell" className={classes.filter(Boolean).join(" ") || undefined}>
      {phone === "labelled" && content !== "" && content !== undefined && content !== false && (
        <span className={styles["label"]}>{head}</span>
      )}
      {to === undefined ? (
        content
      ) : (
        <RowLink to={to} className={styles["link"]} data-row-link="">
          {content}
        </RowLink>
      )}
    </td>
  );
}

/** The height of the rows that are not in the document. */
function Space({ height, columns }: { readonly height: number; readonly columns: number }): ReactNode {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it only keeps its place.
    <tr role="presentation">
      <td className={styles["space"]} colSpan={columns} style={{ height }} />
    </tr>
  );
}

/** `j` and `k` move the focus through the links of the rows. */
function useRowKeys(body: { readonly current: HTMLElement | null }, count: number, scrollTo: ShownRows["scrollTo"]): void {
  const move = (by: number): void => {
    const links = [...(body.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
    const place = links.indexOf(document.activeElement as HTMLElement);
    const next = place < 0 ? links[0] : links[place + by];
    if (next) {
      next.focus();
      next.scrollIntoView({ block: "nearest" });
      return;
    }
    const index = Number(links[place]?.closest("tr")?.dataset["index"]) + by;
    if (scrollTo && index >= 0 && index < count) scrollTo(index);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
}
