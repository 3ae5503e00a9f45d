import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { DecisionView } from "../../operations/look-up-views.ts";
import { read } from "../api/queries.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Page } from "../parts/page.tsx";
import { Time } from "../parts/time.tsx";
import { markOfAction } from "../values/marks.ts";

type Decision = z.infer<typeof DecisionView>;

const FILTERS: readonly Filter[] = [{ name: "customer", label: "Customer", placeholder: "id" }];

const COLUMNS: readonly Column<Decision>[] = [
  { head: "When", width: "11rem", kind: "quiet", cell: ({ decidedAt }) => <Time at={decidedAt} as="absolute" /> },
  { head: "What", width: "8rem", cell: ({ action }) => <Mark kind={markOfAction(action)} /> },
  { head: "Customer", kind: "main", cell: ({ customerId }) => customerId },
  { head: "Experience", cell: ({ experienceId }) => experienceId ?? "" },
];

/** The latest decisions. */
export function Decisions(): ReactNode {
  const query = useQuery(read<{ readonly decisions: readonly Decision[] }>("decisions", "/v1/decisions", filtersIn(useFilters(), FILTERS)));
  return (
    <Page title="Decisions">
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {({ decisions }) =>
          decisions.length === 0 ? (
            <Empty title="No decisions yet">Each signal about a customer leads to one.</Empty>
          ) : (
            <DataTable label="Decisions" rows={decisions.toReversed()} columns={COLUMNS} rowKey={({ decisionId }) => decisionId} />
          )
        }
      </Loading>
    </Page>
  );
}
