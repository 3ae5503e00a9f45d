import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { PageOf } from "../../../operations/monitoring/views.ts";
import type { ProposalLine } from "../../../operations/proposals/views.ts";
import { moreOf, readPages } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time } from "../../parts/time.tsx";
import { count } from "../../values/numbers.ts";
import { PROPOSAL_MARKS } from "../../values/statuses.ts";
import { goldenWords, proposalsAnswer } from "./words.ts";

type ProposalsPage = PageOf<"proposals", ProposalLine>;

const FILTERS: readonly Filter[] = [
  {
    name: "status",
    label: "Show",
    any: "all",
    choices: [
      ["open", "open ones"],
      ["approved", "approved ones"],
      ["rejected", "rejected ones"],
    ],
  },
];

/** Changes of the catalogue that people propose, newest first. */
export function Proposals(): ReactNode {
  const filters = filtersIn(useFilters(), FILTERS);
  const query = useInfiniteQuery(readPages<ProposalsPage>("proposals", "/v1/proposals", { ...filters, limit: 100 }));
  const proposals = query.data?.pages.flatMap((page) => page.proposals) ?? [];
  return (
    <Page title="Proposals" answer={query.data && proposalsAnswer(proposals, query.hasNextPage)}>
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {() =>
          proposals.length === 0 ? (
            <Empty title="Nobody has proposed anything" command="npx sentient propose FILE --because TEXT">
              An experience that is proposed goes to customers only once another person has approved it, and as a canary at first.
            </Empty>
          ) : (
            <DataTable
              label="Proposals"
              rows={proposals}
              columns={COLUMNS}
              rowKey={({ proposalId }) => proposalId}
              rowTo={({ proposalId }) => `/proposals/${encodeURIComponent(proposalId)}`}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
    </Page>
  );
}

// --- internal ---

const COLUMNS: readonly Column<ProposalLine>[] = [
  {
    head: "State",
    width: "7rem",
    cell: ({ status, ready }) => <Mark kind={PROPOSAL_MARKS[status]} word={status !== "open" ? status : ready ? "waits" : "not ready"} />,
  },
  { head: "Experience", kind: "main", cell: ({ experienceId }) => <Said text={experienceId} most={200} /> },
  { head: "Because", kind: "text", phone: "whole", cell: ({ because }) => because !== undefined && <Said text={because} most={300} /> },
  { head: "By", width: "7rem", kind: "text", cell: ({ by }) => <Said text={by} most={200} /> },
  { head: "Problems", kind: "number", width: "5.5rem", phone: "labelled", cell: ({ problems }) => count(problems.length) },
  { head: "Golden", kind: "text", width: "7.5rem", phone: "labelled", cell: ({ golden }) => goldenWords(golden) },
  { head: "When", width: "9rem", kind: "text", cell: ({ revisedAt, createdAt }) => <Time at={revisedAt ?? createdAt} as="absolute" /> },
];
