import type { ReactNode } from "react";
import styles from "./plain-table.module.css";
import { Scroller } from "./scroller.tsx";

export interface PlainTableProps {
  readonly heads: readonly string[];
  /** On a phone a row is a card without heads; otherwise the table is as wide as it needs. */
  readonly isCards?: boolean;
  /** Rows. The one that the page is about has `data-selected`. */
  readonly children: ReactNode;
}

/** A small table that is read once: nothing in it is opened or comes later. */
export const PlainTable = ({ heads, isCards, children }: PlainTableProps): ReactNode => (
  <Scroller label={heads.join(", ")} className={styles["scroll"]}>
    <table className={styles["table"]} data-cards={isCards}>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </Scroller>
);
