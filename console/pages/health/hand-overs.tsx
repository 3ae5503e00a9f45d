import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { CallsView, DeliveriesView } from "../../../operations/monitoring/views.ts";
import { moreOf, readPages } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { RowLink } from "../../parts/table/row-link.tsx";
import { Time } from "../../parts/time.tsx";
import { wayWords } from "../../values/messages.ts";
import { reasonWords } from "../../values/reasons.ts";
import { CALL_MARKS, DELIVERY_MARKS, STATUS_WORDS } from "../../values/statuses.ts";
import { plain } from "../../values/visible.ts";
import styles from "./health.module.css";
import { SearchedPages } from "./searched.tsx";

type Delivery = DeliveriesView["deliveries"][number];
type Call = CallsView["calls"][number];

const FILTERS: readonly Filter[] = [
  {
    name: "status",
    label: "Status",
    any: "went wrong",
    choices: ["uncertain", "failed", "bounced", "reserved", "sending"].map((status) => [status, status] as const),
  },
  { name: "channel", label: "Channel", placeholder: "name" },
];

const DELIVERIES: readonly Column<Delivery>[] = [
  { head: "Status", width: "8rem", cell: ({ status }) => <Mark kind={DELIVERY_MARKS[status] ?? "waits"} word={status} /> },
  { head: "Message", kind: "main", cell: ({ experienceId }) => <Said text={experienceId} most={200} /> },
  {
    head: "Customer",
    cell: ({ customerId }) => <RowLink to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</RowLink>,
  },
  {
    head: "Channel",
    width: "9rem",
    cell: (delivery) => <Said text={[delivery.channel, wayWords(delivery)].filter(Boolean).join(", ")} most={200} />,
  },
  {
    head: "Why",
    kind: "text",
    phone: "whole",
    cell: ({ reason, status }) => <Said text={reason === undefined ? (STATUS_WORDS[status] ?? "") : reasonWords(reason)} most={300} />,
  },
  { head: "When", width: "9.5rem", kind: "text", cell: ({ settledAt, reservedAt }) => <Time at={settledAt ?? reservedAt} /> },
];

/** Messages that went wrong, or are not handed over yet, by channel. */
export function HandOvers(): ReactNode {
  const filters = filtersIn(useFilters(), FILTERS);
  const query = useInfiniteQuery(readPages<DeliveriesView>("deliveries", "/v1/deliveries", { ...filters, limit: 100 }));
  const pages = query.data?.pages ?? [];
  const deliveries = pages.flatMap((page) => page.deliveries);
  return (
    <Panel title="Messages that went wrong">
      <FilterBar filters={FILTERS} />
      <Loading query={query} rows={3}>
        {() => (
          <>
            {deliveries.length === 0 ? (
              <p className={styles["quiet"]}>
                {query.hasNextPage
                  ? "No such message so far."
                  : filters["status"] === undefined
                    ? "No message went wrong."
                    : "There is no such message."}
              </p>
            ) : (
              <DataTable
                label="Messages"
                rows={deliveries}
                more={moreOf(query)}
                columns={DELIVERIES}
                rowKey={({ deliveryId }) => deliveryId}
                rowTo={({ decisionId }) => `/decisions/${encodeURIComponent(decisionId)}`}
              />
            )}
            <SearchedPages pages={pages} more={deliveries.length === 0 ? moreOf(query) : undefined} />
          </>
        )}
      </Loading>
    </Panel>
  );
}

const CALLS: readonly Column<Call>[] = [
  { head: "Status", width: "8rem", cell: ({ status }) => <Mark kind={CALL_MARKS[status] ?? "waits"} word={status} /> },
  { head: "Tool", kind: "main", cell: ({ tool }) => <Said text={tool} most={200} /> },
  {
    head: "Customer",
    cell: ({ customerId }) =>
      customerId !== undefined && <RowLink to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</RowLink>,
  },
  {
    head: "Error",
    kind: "text",
    phone: "whole",
    cell: ({ error }) => error !== undefined && <Said text={[error.code, error.message].filter(Boolean).join(": ")} most={300} />,
  },
  { head: "When", width: "9.5rem", kind: "text", cell: ({ at }) => <Time at={at} /> },
];

/** Calls of tools that failed, or whose outcome nobody knows. */
export function Calls(): ReactNode {
  const query = useInfiniteQuery(readPages<CallsView>("calls", "/v1/calls", { limit: 100 }));
  const pages = query.data?.pages ?? [];
  const calls = pages.flatMap((page) => page.calls);
  return (
    <Panel title="Calls of tools that went wrong">
      <Loading query={query} rows={3}>
        {() => (
          <>
            {calls.length === 0 ? (
              <p className={styles["quiet"]}>{query.hasNextPage ? "No such call so far." : "No call went wrong."}</p>
            ) : (
              <DataTable
                label="Calls of tools"
                rows={calls}
                more={moreOf(query)}
                columns={CALLS}
                rowKey={({ key }) => key}
                rowTo={({ runId, key }) => `/runs/${encodeURIComponent(runId ?? key)}`}
              />
            )}
            <SearchedPages pages={pages} more={calls.length === 0 ? moreOf(query) : undefined} />
          </>
        )}
      </Loading>
    </Panel>
  );
}
