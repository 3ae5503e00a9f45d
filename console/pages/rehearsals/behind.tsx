import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { BehindView, RehearsalView } from "../../../operations/rehearsals/views.ts";
import { moreOf, read, readPages } from "../../api/queries.ts";
import { type Column, DataTable } from "../../parts/data-table.tsx";
import { Empty } from "../../parts/empty.tsx";
import { type Filter, FilterBar, useFilters } from "../../parts/filter-bar.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { RowLink } from "../../parts/table/row-link.tsx";
import { Time } from "../../parts/time.tsx";
import { actionWords } from "../../pictures/recorded-matrix.layout.ts";
import { markOfAction } from "../../values/marks.ts";
import { reasonWords } from "../../values/reasons.ts";
import { plain } from "../../values/visible.ts";
import type { BehindPage } from "./left-out.tsx";
import { Simulated } from "./simulated.tsx";
import { behindWords, cellWords, type Part, pathsWords, rehearsalPath, withWords } from "./words.ts";

const FILTERS: readonly Filter[] = [
  {
    name: "side",
    label: "Show",
    any: "both sides",
    choices: [
      ["against", "what is compared with"],
      ["with", "what is rehearsed"],
    ],
  },
];

/** What is behind a number of a rehearsal: wakes that were recorded, or a sample of those that were played. */
export function Behind(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const { part: given, cell = "deliveries", side } = useFilters();
  const part: Part = given === "forward" ? "forward" : "recorded";
  const rehearsal = useQuery(read<RehearsalView>("rehearsals", rehearsalPath(id)));
  const query = useInfiniteQuery(readPages<BehindPage>("rehearsals", `${rehearsalPath(id)}/decisions`, { part, cell, limit: 100 }));
  const rows = useMemo(() => rowsOf(query.data?.pages ?? [], side), [query.data, side]);
  return (
    <Page
      title={plain(cellWords(part, cell, rehearsal.data?.result?.forward.groups), 300)}
      above={
        <>
          <Link to="/rehearsals">Rehearsals</Link>
          {" / "}
          <Link to="/rehearsals/$id" params={{ id }}>
            {rehearsal.data ? plain(withWords(rehearsal.data.request), 200) : "the rehearsal"}
          </Link>
        </>
      }
      answer={
        rehearsal.data && (
          <>
            {part === "forward" && <Simulated />} {behindWords(part, cell, rehearsal.data.request)}
          </>
        )
      }
    >
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {() =>
          rows.length === 0 ? (
            <Empty title="Nothing is behind it here">
              {part === "forward"
                ? "The first path may have none of it: a figure is the mean of all paths. What names an erased customer is gone."
                : "No recorded wake came out so, or its customers were erased."}
            </Empty>
          ) : (
            <DataTable
              label="Decisions"
              rows={rows}
              columns={part === "forward" ? PLAYED : RECORDED}
              rowKey={({ key }) => key}
              rowTo={pageOf}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
    </Page>
  );
}

// --- internal ---

type Row = BehindView & { readonly key: string };

/** The rows of a side, and those that both have. */
const rowsOf = (pages: readonly BehindPage[], side: string | undefined): Row[] =>
  pages
    .flatMap(({ decisions }) => decisions)
    .map((row, index) => ({ ...row, key: String(index) }))
    .filter((row) => row.side === "both" || row.side === side || (side !== "against" && side !== "with"));

const customerTo = ({ customerId }: BehindView): string => `/customers/${encodeURIComponent(customerId)}`;

/** A wake that was really decided has its decision; of others there is the customer. */
const pageOf = (row: Row): string => (row.decisionId === undefined ? customerTo(row) : `/decisions/${encodeURIComponent(row.decisionId)}`);

type Side = NonNullable<BehindView["against"]>;

function Outline({ of }: { readonly of: Side | undefined }): ReactNode {
  if (of === undefined) return "";
  const { action, experienceId, channel, codes, share } = of;
  const why = action === "deliver" || action === "task" ? [] : codes.map(reasonWords);
  const words = [experienceId, channel, ...why, pathsWords(share)].filter(Boolean).join(", ");
  return (
    <>
      <Mark kind={action === "task" ? "task" : markOfAction(action)} word={plain(actionWords(action), 100)} /> {plain(words, 500)}
    </>
  );
}

const SIDES: readonly Column<Row>[] = [
  { head: "Against", kind: "text", phone: "labelled", cell: ({ against }) => <Outline of={against} /> },
  { head: "With", kind: "text", phone: "labelled", cell: (row) => <Outline of={row.with} /> },
];

const RECORDED: readonly Column<Row>[] = [
  { head: "When", width: "10rem", kind: "main", cell: ({ at }) => <Time at={at} as="absolute" /> },
  { head: "Customer", width: "9rem", cell: (row) => <RowLink to={customerTo(row)}>{plain(row.customerId, 100)}</RowLink> },
  ...SIDES,
  {
    head: "In the store",
    width: "7rem",
    cell: ({ decisionId }) =>
      decisionId !== undefined && <RowLink to={`/decisions/${encodeURIComponent(decisionId)}`}>the decision</RowLink>,
  },
];

const PLAYED: readonly Column<Row>[] = [
  { head: "Customer", width: "9rem", kind: "main", cell: ({ customerId }) => plain(customerId, 100) },
  { head: "When", width: "10rem", cell: ({ at }) => <Time at={at} as="absolute" /> },
  ...SIDES,
  { head: "", width: "7.5rem", cell: ({ simulated }) => simulated && <Simulated /> },
];
