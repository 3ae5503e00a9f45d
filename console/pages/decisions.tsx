import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { DecisionLinesView } from "../../operations/decisions/views.ts";
import { moreOf, readPages } from "../api/queries.ts";
import { Button } from "../parts/button.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Page } from "../parts/page.tsx";
import { RowLink } from "../parts/table/row-link.tsx";
import { Time, useZone } from "../parts/time.tsx";
import { usePreferences } from "../reader/preferences.ts";
import { markOfLine } from "../values/marks.ts";
import { REASONS, reasonWords } from "../values/reasons.ts";
import { plain } from "../values/visible.ts";
import { ACTION_WORDS, answerOf, type Line, queryOf } from "./decisions-words.ts";

const FILTERS: readonly Filter[] = [
  { name: "customer", label: "Customer", placeholder: "id" },
  { name: "action", label: "What", choices: Object.entries(ACTION_WORDS) },
  { name: "experience", label: "Experience", placeholder: "id" },
  { name: "department", label: "Department", extra: true },
  { name: "channel", label: "Channel", extra: true },
  { name: "reason", label: "Reason", choices: Object.entries(REASONS) },
  { name: "needs", label: "Needs", any: "a person or not", choices: [["person", "a person"]] },
  { name: "drawn", label: "Chosen", any: "by chance or not", choices: [["true", "by chance"]], extra: true },
  { name: "moment", label: "Moment", extra: true },
  { name: "policy", label: "Policy", placeholder: "version", extra: true },
  { name: "from", label: "From", type: "date" },
  { name: "to", label: "Until", type: "date" },
];

const COLUMNS: readonly Column<Line>[] = [
  { head: "When", width: "9.5rem", kind: "quiet", cell: ({ at }) => <Time at={at} as="absolute" /> },
  { head: "What", width: "10rem", cell: (line) => <Mark {...markOfLine(line)} /> },
  { head: "Experience", width: "11rem", kind: "main", phone: "whole", cell: ({ experienceId }) => plain(experienceId ?? "nothing") },
  {
    head: "Customer",
    width: "7rem",
    cell: ({ customerId }) => <RowLink to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</RowLink>,
  },
  {
    head: "Department, channel",
    width: "9.5rem",
    kind: "quiet",
    cell: ({ department, channel }) => plain([department, channel].filter(Boolean).join(", ")),
  },
  { head: "Why not", kind: "text", phone: "whole", cell: ({ code }) => (code === undefined ? "" : reasonWords(code)) },
];

const keyOf = ({ decisionId }: Line): string => decisionId;
const pageOf = ({ decisionId }: Line): string => `/decisions/${encodeURIComponent(decisionId)}`;

/** Decisions, newest first, a line each. */
export function Decisions(): ReactNode {
  const search = filtersIn(useFilters(), FILTERS);
  const zone = useZone();
  const { rows } = usePreferences();
  const query = useInfiniteQuery(readPages<DecisionLinesView>("decisions", "/v1/decisions", { ...queryOf(search, zone), limit: rows }));
  const isFiltered = Object.keys(search).length > 0;
  const pages = query.data?.pages;
  const lines = useMemo(() => (pages ?? []).flatMap(({ decisions }) => decisions), [pages]);
  const last = pages?.at(-1)?.searched;
  const answer = useMemo(() => (last === undefined ? undefined : answerOf(lines, last, isFiltered, zone)), [lines, last, isFiltered, zone]);
  return (
    <Page title="Decisions" answer={answer}>
      <FilterBar filters={FILTERS} />
      <Loading query={query} rows={12}>
        {() => <List lines={lines} isFiltered={isFiltered} query={query} />}
      </Loading>
    </Page>
  );
}

// --- internal ---

interface ListProps {
  readonly lines: readonly Line[];
  readonly isFiltered: boolean;
  readonly query: { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; readonly fetchNextPage: () => Promise<unknown> };
}

function List({ lines, isFiltered, query }: ListProps): ReactNode {
  const more = moreOf(query);
  if (lines.length === 0) return <Nothing isFiltered={isFiltered} more={more} />;
  return <DataTable label="Decisions" rows={lines} columns={COLUMNS} rowKey={keyOf} rowTo={pageOf} more={more} />;
}

interface NothingProps {
  readonly isFiltered: boolean;
  readonly more: { readonly load: () => unknown; readonly busy: boolean } | undefined;
}

/** No row: none at all, none in this window, or none as far as was looked. */
function Nothing({ isFiltered, more }: NothingProps): ReactNode {
  if (more)
    return (
      <>
        <Empty title="Nothing so far">The filter has found no decision as far back as was looked.</Empty>
        <Button busy={more.busy} onClick={() => more.load()}>
          Go on
        </Button>
      </>
    );
  if (isFiltered) return <Empty title="No decision fits">Take a filter away, or look further back.</Empty>;
  return (
    <Empty title="No decisions yet" command="sentient signal TYPE --customer ID">
      Each signal about a customer leads to one, silence included.
    </Empty>
  );
}
