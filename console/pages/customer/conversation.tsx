import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ConversationView } from "../../../operations/people/views.ts";
import { pathOf } from "../../api/client.ts";
import { readPages } from "../../api/queries.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/empty.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { plain } from "../../values/visible.ts";
import styles from "./customer.module.css";

/** The customer's words and ours, as text. */
export function ConversationTab({ id }: { readonly id: string }): ReactNode {
  const query = useInfiniteQuery(readPages<ConversationView>("customer", pathOf("/v1/customers/{id}/conversation", id), { limit: 50 }));
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = query;
  return (
    <Loading query={query}>
      {({ pages }) => {
        const lines = pages.toReversed().flatMap((page) => page.lines);
        if (lines.length === 0)
          return <Empty title="Nothing was said yet">A message of the customer, or one that was sent to them, appears here.</Empty>;
        return (
          <>
            {hasNextPage && (
              <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show earlier
              </Button>
            )}
            <ol className={styles["lines"]}>
              {lines.map((line) => (
                <Line key={line.deliveryId ?? `${line.signal?.source} ${line.signal?.id}`} line={line} />
              ))}
            </ol>
          </>
        );
      }}
    </Loading>
  );
}

// --- internal ---

function Line({ line }: { readonly line: ConversationView["lines"][number] }): ReactNode {
  const { at, by, channel, subject, text, isCut, decisionId, experienceId, status } = line;
  return (
    <li className={[styles["line"], by === "us" && styles["ours"]].filter(Boolean).join(" ")}>
      <span className={styles["quiet"]}>
        {by === "us" ? "us" : "customer"} · {plain(channel)} · <Time at={at} as="absolute" />
        {status !== undefined && status !== "sent" && ` · ${plain(status)}`}
      </span>
      {subject !== undefined && (
        <strong>
          <Said text={subject} />
        </strong>
      )}
      <Said text={text === "" ? "(no text)" : text} />
      {isCut && <span className={styles["quiet"]}>It is longer; the whole of it is with its record.</span>}
      {decisionId !== undefined && (
        <Link className={styles["quiet"] ?? ""} to={`/decisions/${encodeURIComponent(decisionId)}`}>
          {experienceId}: why
        </Link>
      )}
    </li>
  );
}
