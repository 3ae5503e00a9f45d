import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { CustomersPage } from "../../operations/people/views.ts";
import { readPages } from "../api/queries.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Page } from "../parts/page.tsx";
import { Said } from "../parts/said.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { Time } from "../parts/time.tsx";
import { markOfAction } from "../values/marks.ts";
import { counted } from "../values/numbers.ts";

type Line = CustomersPage["customers"][number];

const FILTERS: readonly Filter[] = [
  {
    name: "flag",
    label: "Show",
    any: "decided lately",
    choices: [
      ["open-case", "with an open case"],
      ["late-promise", "with a late promise"],
      ["at-cap", "at a cap of contacts"],
    ],
  },
];

const COLUMNS: readonly Column<Line>[] = [
  { head: "Customer", kind: "main", cell: ({ customerId, name }) => <Said text={name ?? customerId} /> },
  { head: "Id", kind: "quiet", width: "9rem", cell: ({ customerId }) => <Said text={customerId} /> },
  { head: "Last decision", width: "7.5rem", cell: ({ last }) => last && <Mark kind={markOfAction(last.action)} /> },
  { head: "What", cell: ({ last }) => last?.experienceId ?? "" },
  { head: "When", kind: "quiet", width: "9.5rem", cell: ({ last }) => last && <Time at={last.at} as="absolute" /> },
  { head: "To know", width: "13rem", kind: "text", phone: "whole", cell: (line) => toKnow(line).join(" · ") },
];

/** Customers: those decided lately, or those who need a person. */
export function Customers(): ReactNode {
  const filters = filtersIn(useFilters(), FILTERS);
  const query = useInfiniteQuery(readPages<CustomersPage>("customers", "/v1/customers", { limit: 100, ...filters }));
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = query;
  return (
    <Page title="Customers" answer={query.data && answerOf(query.data.pages, filters["flag"])}>
      <SearchBox label="Find a customer" placeholder="Name, address or id" />
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {({ pages }) => {
          const rows = pages.flatMap(({ customers }) => customers);
          return rows.length === 0 && !hasNextPage ? (
            <Nobody flag={filters["flag"]} />
          ) : (
            <DataTable
              label="Customers"
              rows={rows}
              columns={COLUMNS}
              rowKey={({ customerId }) => customerId}
              rowTo={({ customerId }) => `/customers/${encodeURIComponent(customerId)}`}
              more={hasNextPage ? { load: fetchNextPage, busy: isFetchingNextPage, words: "Show more" } : undefined}
            />
          );
        }}
      </Loading>
    </Page>
  );
}

// --- internal ---

const WORDS: Readonly<Record<string, string>> = {
  "open-case": "with an open case",
  "late-promise": "with a promise that is late",
  "at-cap": "who cannot be contacted now, because a cap has no room left",
};

function answerOf(pages: readonly CustomersPage[], flag: string | undefined): string {
  const n = pages.reduce((sum, { customers }) => sum + customers.length, 0);
  const isWhole = pages.at(-1)?.searched.whole ?? true;
  const who = n === 0 ? `No customer${isWhole ? "" : " so far"}` : `${isWhole ? "" : "At least "}${counted(n, "customer")}`;
  return flag === undefined ? `${who} in the last 1,000 decisions${n > 1 ? ", the latest first" : ""}.` : `${who} ${WORDS[flag] ?? ""}.`;
}

function Nobody({ flag }: { readonly flag: string | undefined }): ReactNode {
  if (flag !== undefined) return <Empty title={`No customer ${WORDS[flag] ?? "like that"}`}>Nobody needs a person for this now.</Empty>;
  return (
    <Empty title="No decisions yet" command="npx sentient signal message.received --customer c-1">
      A customer is listed here once a signal about them was decided. A customer who was only imported is found by the search above.
    </Empty>
  );
}

function toKnow({ stage, openCases, openPromises, latePromises, atCap, contacts }: Line): string[] {
  return [
    ...(stage === undefined ? [] : [`stage ${stage}`]),
    ...(latePromises > 0 ? [counted(latePromises, "late promise")] : []),
    ...(openPromises > latePromises ? [`${openPromises - latePromises} owed`] : []),
    ...(openCases > 0 ? [counted(openCases, "open case")] : []),
    ...(atCap ? ["at a cap"] : []),
    ...(contacts > 0 ? [`${counted(contacts, "contact")} in 7 d`] : []),
  ];
}
