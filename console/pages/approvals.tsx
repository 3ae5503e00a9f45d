import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PageOf } from "../../operations/monitoring/views.ts";
import type { ApprovalView } from "../../operations/views.ts";
import { moreOf, readPages } from "../api/queries.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Money } from "../parts/money.tsx";
import { Page } from "../parts/page.tsx";
import { Said } from "../parts/said.tsx";
import { Time } from "../parts/time.tsx";
import { useNow } from "../reader/now.ts";
import { counted } from "../values/numbers.ts";
import { APPROVAL_MARKS } from "../values/statuses.ts";
import { relativeTime } from "../values/zone-time.ts";

type ApprovalsPage = PageOf<"approvals", ApprovalView>;

const FILTERS: readonly Filter[] = [
  { name: "all", label: "Show", any: "waiting ones", choices: [["true", "answered ones too"]] },
  { name: "customer", label: "Customer", placeholder: "id" },
];

const COLUMNS: readonly Column<ApprovalView>[] = [
  { head: "State", width: "7rem", cell: ({ state }) => <Mark kind={APPROVAL_MARKS[state]} word={state === "pending" ? "waits" : state} /> },
  { head: "Experience", kind: "main", cell: ({ experienceId }) => <Said text={experienceId} most={200} /> },
  { head: "Customer", cell: ({ customerId }) => <Said text={customerId} most={200} /> },
  { head: "Why it is asked", kind: "text", phone: "whole", cell: ({ reason }) => <Said text={reason} most={300} /> },
  {
    head: "Amount",
    kind: "number",
    width: "6rem",
    phone: "labelled",
    cell: ({ amount }) => amount !== undefined && <Money value={amount} />,
  },
  {
    head: "Expires",
    width: "12rem",
    phone: "labelled",
    cell: ({ state, expiresAt, answeredAt }) => <Time at={state === "pending" ? expiresAt : (answeredAt ?? expiresAt)} />,
  },
];

/** Decisions that wait for a yes or a no, the first to expire first. */
export function Approvals(): ReactNode {
  const filters = filtersIn(useFilters(), FILTERS);
  const order = filters["all"] === "true" ? "latest" : undefined;
  const query = useInfiniteQuery(readPages<ApprovalsPage>("approvals", "/v1/approvals", { ...filters, order, limit: 100 }));
  const approvals = rowsOf(query.data?.pages ?? []);
  const now = useNow();
  return (
    <Page title="Approvals" answer={query.data && answerOf(approvals, now, query.hasNextPage)}>
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {() =>
          approvals.length === 0 && !query.hasNextPage ? (
            <Empty title="Nothing waits for approval">
              Rules under governance.approval in sentient.yaml say which messages need a yes first, for example those above an amount.
            </Empty>
          ) : (
            <DataTable
              label="Approvals"
              rows={approvals}
              columns={COLUMNS}
              rowKey={({ approvalId }) => approvalId}
              rowTo={({ approvalId }) => `/approvals/${encodeURIComponent(approvalId)}`}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
    </Page>
  );
}

/** The rows of pages, each page in its own order: what follows moves none of those above. */
export const rowsOf = (pages: readonly ApprovalsPage[]): readonly ApprovalView[] => pages.flatMap((page) => inOrder(page.approvals));

/** Waiting approvals, the first to expire first; then the others, the latest answer first. */
export function inOrder(approvals: readonly ApprovalView[]): readonly ApprovalView[] {
  const place = ({ state, expiresAt, answeredAt }: ApprovalView): number =>
    state === "pending" ? Date.parse(expiresAt) - 1e15 : -Date.parse(answeredAt ?? expiresAt);
  return approvals.toSorted((a, b) => Number(b.state === "pending") - Number(a.state === "pending") || place(a) - place(b));
}

/** The list in a sentence. */
export function answerOf(approvals: readonly ApprovalView[], now: number, goesOn = false): string {
  const waiting = inOrder(approvals).filter(({ state }) => state === "pending");
  const [first] = waiting;
  if (first === undefined) return goesOn ? "No message that waits was found so far." : "Nobody waits for an answer.";
  return `${goesOn ? "At least " : ""}${counted(waiting.length, "message waits", "messages wait")} for a yes or a no; ${waiting.length === 1 ? "its time" : "the time of the first"} is over ${relativeTime(Date.parse(first.expiresAt), now)}.`;
}
