import { useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useHeldRows } from "../reader/held-rows.ts";
import { useKeys } from "../reader/keys.ts";
import { rememberList } from "../reader/walk.ts";
import { Button } from "./button.tsx";
import styles from "./data-table.module.css";
import { type Column, TableRows } from "./table/table-rows.tsx";

export type { Column } from "./table/table-rows.tsx";

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

/** A list: a real table, on phones a card a row. `j` and `k` go through it; `[` and `]` go through it on the page of a row. */
export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { label, columns, rowKey, rowTo, more } = props;
  const address = useRouterState({ select: ({ location }) => location.href });
  const { rows, newer, gone, show } = useHeldRows(props.rows, rowKey, address, more !== undefined);
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
        <TableRows rows={rows} columns={columns} rowKey={rowKey} rowTo={rowTo} selected={props.selected} />
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
