import { Link, useRouterState } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useHeldRows } from "../reader/held-rows.ts";
import { useKeys } from "../reader/keys.ts";
import { usePrinting } from "../reader/printing.ts";
import { rememberList } from "../reader/walk.ts";
import { Button } from "./button.tsx";
import styles from "./data-table.module.css";

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

export interface DataTableProps<Row> {
  /** The name of the list, for readers who hear the page. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  /** The page of a row, without the path of the console: `/decisions/7f…`, with its search. `Enter` and a click open it. */
  readonly rowTo?: (row: Row) => string;
  /** The row that the address names. */
  readonly selected?: string;
  /** How many there are beyond the rows; the button asks for them. */
  readonly more?: { readonly load: () => unknown; readonly busy: boolean; readonly words?: string } | undefined;
}

/** Above this many rows only those near the window are in the document. */
const MOST_WHOLE = 100;
const ROW_PX = 36;

/** A list: a real table, on phones a card a row. `j` and `k` go through it; `[` and `]` go through it on the page of a row. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { label, columns, rowKey, rowTo, more } = props;
  const address = useRouterState({ select: ({ location }) => location.href });
  const { rows, newer, gone, show } = useHeldRows(props.rows, rowKey, address, more !== undefined);
  const body = useRef<HTMLTableSectionElement>(null);
  const { from, to, before, after, measure, scrollTo } = useShownRows(rows.length, body);
  useRowKeys(body, rows.length, scrollTo);
  useEffect(() => {
    if (rowTo) rememberList(address, rows.map(rowTo));
  }, [rows, rowTo, address]);
  return (
    <>
      <Newer newer={newer} gone={gone} onShow={show} />
      {/* The roles are said because cards on phones are no table to a browser any more. */}
      {/* biome-ignore-start lint/a11y/noRedundantRoles: see above */}
      <table role="table" className={styles["table"]} aria-label={label} aria-rowcount={more ? -1 : rows.length + 1}>
        <thead role="rowgroup" className={styles["head"]}>
          <tr role="row" aria-rowindex={1}>
            {columns.map(({ head, width, kind }) => (
              <th key={head} role="columnheader" scope="col" style={{ width }} className={kind === "number" ? styles["number"] : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body}>
          <Space height={before} columns={columns.length} />
          {rows.slice(from, to).map((row, index) => (
            <TableRow
              key={rowKey(row)}
              row={row}
              index={from + index}
              columns={columns}
              to={rowTo?.(row)}
              isSelected={rowKey(row) === props.selected}
              measure={measure}
            />
          ))}
          <Space height={after} columns={columns.length} />
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
      {more !== undefined && (
        <div className={styles["foot"]}>
          <Button busy={more.busy} onClick={() => more.load()}>
            {more.busy ? "Loading…" : "Show more"}
          </Button>
          {more.words}
        </div>
      )}
    </>
  );
}

// --- internal ---

/** Changes of the list since the reader came: rows are added and taken away only when asked for. */
function Newer({ newer, gone, onShow }: { readonly newer: number; readonly gone: number; readonly onShow: () => void }): ReactNode {
  const isQuiet = newer + gone === 0;
  useKeys({ ".": isQuiet ? undefined : onShow });
  if (isQuiet) return null;
  const words = [newer > 0 && `${newer} newer`, gone > 0 && `${gone} no longer here`].filter(Boolean).join(", ");
  return (
    <div className={`${styles["newer"]} not-printed`}>
      <Button onClick={onShow} aria-keyshortcuts=".">
        {words}: show
      </Button>
    </div>
  );
}

interface TableRowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly columns: readonly Column<Row>[];
  readonly to: string | undefined;
  readonly isSelected: boolean;
  readonly measure: ((element: HTMLTableRowElement | null) => void) | undefined;
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
      {columns.map((column) => (
        <Cell key={column.head} column={column} row={row} to={column.kind === "main" ? to : undefined} />
      ))}
    </tr>
  );
}

/** Scrolling draws the rows that come into view, not those that are there: their links are what costs. */
const TableRow = memo(EachRow) as typeof EachRow;

function Cell<Row>({ column, row, to }: { readonly column: Column<Row>; readonly row: Row; readonly to: string | undefined }): ReactNode {
  const { kind, phone, head, cell } = column;
  const classes = [
    kind === "number" && styles["number"],
    kind === "quiet" && styles["quiet"],
    kind !== "text" && styles["line"],
    phone !== undefined && phone !== "labelled" && styles[phone],
  ];
  const content = cell(row);
  return (
    // biome-ignore lint/a11y/noRedundantRoles: cards on phones are no cells to a browser any more.
    <td role="cell" className={classes.filter(Boolean).join(" ") || undefined}>
      {phone === "labelled" && content !== "" && content !== undefined && content !== false && (
        <span className={styles["label"]}>{head}</span>
      )}
      {to === undefined ? (
        content
      ) : (
        <Link to={to} className={styles["link"] ?? ""} data-row-link="">
          {content}
        </Link>
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

/** The rows near the window, and the height of those before and after. Short lists and paper have them all. */
function useShownRows(count: number, body: { readonly current: HTMLElement | null }) {
  const isPrinting = usePrinting();
  const [offset, setOffset] = useState(0);
  const isWhole = count <= MOST_WHOLE || isPrinting;
  const rows = useWindowVirtualizer({ count, estimateSize: () => ROW_PX, overscan: 12, scrollMargin: offset, enabled: !isWhole });
  useLayoutEffect(() => {
    const top = body.current === null ? 0 : body.current.getBoundingClientRect().top + window.scrollY;
    setOffset((old) => (Math.abs(old - top) < 1 ? old : top));
  });
  const shown = rows.getVirtualItems();
  const [first, last] = [shown[0], shown.at(-1)];
  if (isWhole) return { from: 0, to: count, before: 0, after: 0, measure: undefined, scrollTo: undefined };
  return {
    from: first?.index ?? 0,
    to: (last?.index ?? Math.min(count, 40) - 1) + 1,
    before: (first?.start ?? offset) - offset,
    after: first === undefined ? (count - 40) * ROW_PX : rows.getTotalSize() - ((last?.end ?? offset) - offset),
    measure: rows.measureElement,
    scrollTo: (index: number) => rows.scrollToIndex(index, { align: "auto" }),
  };
}

/** `j` and `k` move the focus through the links of the rows. */
function useRowKeys(body: { readonly current: HTMLElement | null }, count: number, scrollTo: ((index: number) => void) | undefined): void {
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
