import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ErasedView, PageOf } from "../../operations/monitoring/views.ts";
import type { AuditView } from "../../operations/views.ts";
import { moreOf, readPages } from "../api/queries.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { Said } from "../parts/said.tsx";
import { RowLink } from "../parts/table/row-link.tsx";
import { Time } from "../parts/time.tsx";
import { auditAnswer, auditDetails, auditTarget, auditWords } from "../values/audit.ts";

const FILTERS: readonly Filter[] = [{ name: "customer", label: "Customer", placeholder: "id" }];

const COLUMNS: readonly Column<AuditView>[] = [
  { head: "When", width: "12rem", kind: "quiet", cell: ({ at }) => <Time at={at} as="absolute" /> },
  { head: "Who", cell: ({ by }) => <Said text={by} most={200} /> },
  { head: "What", kind: "text", cell: ({ action }) => auditWords(action) },
  {
    head: "Of what",
    kind: "text",
    cell: (entry) => {
      const to = auditTarget(entry);
      return to === undefined ? <Said text={entry.target} most={200} /> : <RowLink to={to}>{entry.target}</RowLink>;
    },
  },
  {
    head: "Details",
    kind: "text",
    phone: "whole",
    cell: ({ details }) =>
      auditDetails(details).map(([name, value]) => (
        <div key={name}>
          {name}: <Said text={value} most={300} />
        </div>
      )),
  },
  {
    head: "Why",
    kind: "text",
    phone: "whole",
    cell: ({ details: { note } }) => typeof note === "string" && <Said text={note} />,
  },
];

type AuditPage = PageOf<"audit", AuditView>;

/** The entries of pages: each page is older than the one before, and in order of time. */
export const newestFirst = (pages: readonly AuditPage[]): readonly AuditView[] => pages.flatMap(({ audit }) => audit.toReversed());

/** Changes by people: who, what, when and why. */
export function Audit(): ReactNode {
  const filters = filtersIn(useFilters(), FILTERS);
  const isFiltered = Object.keys(filters).length > 0;
  const query = useInfiniteQuery(readPages<AuditPage>("audit", "/v1/audit", { ...filters, limit: 100 }));
  const entries = newestFirst(query.data?.pages ?? []);
  return (
    <Page title="Audit" answer={query.data && auditAnswer(entries.length, !query.hasNextPage)}>
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {() =>
          entries.length === 0 ? (
            <Empty title="Nobody has changed anything">
              Each claim, answer, pause, merge and export stands here with its name, time and note.
            </Empty>
          ) : (
            <DataTable
              label="Audit"
              rows={entries}
              columns={COLUMNS}
              rowKey={(entry) => `${entry.at} ${entry.action} ${entry.target}`}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
      {!isFiltered && <Erasures />}
    </Page>
  );
}

// --- internal ---

const ERASURES: readonly Column<ErasedView>[] = [
  { head: "When", width: "12rem", kind: "quiet", cell: ({ at }) => <Time at={at} as="absolute" /> },
  { head: "By", cell: ({ by }) => <Said text={by} most={200} /> },
];

/** Erasures of people: when and by whom, if there were any. */
function Erasures(): ReactNode {
  const query = useInfiniteQuery(readPages<PageOf<"erasures", ErasedView>>("audit", "/v1/erasures", { limit: 100 }));
  const erasures = query.data?.pages.flatMap((page) => page.erasures) ?? [];
  if (erasures.length === 0 && query.error === null) return null;
  return (
    <Panel title="Erased people">
      <Loading query={query} rows={2}>
        {() => (
          <>
            <p>Who they were is not kept: of an id and an address only a hash is left, so that nothing is sent to them again.</p>
            <DataTable
              label="Erased people"
              rows={erasures}
              columns={ERASURES}
              rowKey={({ at, by }) => `${at} ${by}`}
              more={moreOf(query)}
            />
          </>
        )}
      </Loading>
    </Panel>
  );
}
