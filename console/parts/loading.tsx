import type { UseInfiniteQueryResult, UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { OfAddressBefore } from "../reader/held-rows.ts";
import styles from "./loading.module.css";
import { Trouble } from "./trouble.tsx";

export interface LoadingProps<Answer> {
  readonly query: UseQueryResult<Answer> | UseInfiniteQueryResult<Answer>;
  /** Rows of the skeleton, at first sight only. */
  readonly rows?: number;
  readonly children: (answer: Answer) => ReactNode;
}

/** The answer of a query. While it asks for something new the old answer stays, dimmed after 300 ms; a failure stands above what is known. */
export function Loading<Answer>({ query, rows = 6, children }: LoadingProps<Answer>): ReactNode {
  const { data, error, isPlaceholderData, refetch } = query;
  if (data === undefined && error === null) return <Skeleton rows={rows} />;
  return (
    <>
      {error !== null && <Trouble error={error} again={refetch} />}
      {data !== undefined && (
        <div className={isPlaceholderData ? styles["stale"] : undefined} aria-busy={isPlaceholderData || undefined}>
          <OfAddressBefore value={isPlaceholderData}>{children(data)}</OfAddressBefore>
        </div>
      )}
    </>
  );
}

export function Skeleton({ rows }: { readonly rows: number }): ReactNode {
  return (
    <div className={styles["skeleton"]} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike.
        <div key={row} className={styles["row"]} />
      ))}
    </div>
  );
}
