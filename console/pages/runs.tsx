import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { RunView } from "../../operations/look-up-views.ts";
import type { PageOf } from "../../operations/monitoring/views.ts";
import { moreOf, readPages } from "../api/queries.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Page } from "../parts/page.tsx";
import { Said } from "../parts/said.tsx";
import { Time } from "../parts/time.tsx";
import { markOfAction } from "../values/marks.ts";
import { latest } from "../values/numbers.ts";
import { wakeWords } from "../values/wakes.ts";

type Run = z.infer<typeof RunView>;

const FILTERS: readonly Filter[] = [{ name: "customer", label: "Customer", placeholder: "id" }];

const COLUMNS: readonly Column<Run>[] = [
  { head: "Began", width: "12rem", kind: "quiet", cell: ({ startedAt }) => <Time at={startedAt} as="absolute" /> },
  { head: "Woken by", kind: "main", cell: ({ wake }) => <Said text={wakeWords(wake)} most={200} /> },
  { head: "Customer", cell: ({ customerId }) => <Said text={customerId} most={200} /> },
  {
    head: "Decision",
    width: "9rem",
    cell: ({ action, status }) =>
      action === undefined ? (
        <Mark kind={RUN_MARKS[status] ?? "silent"} word={status === "done" ? "no decision" : status} />
      ) : (
        <Mark kind={markOfAction(action)} />
      ),
  },
  { head: "Experience", cell: ({ experienceId }) => experienceId !== undefined && <Said text={experienceId} most={200} /> },
];

const RUN_MARKS: Readonly<Record<string, "waits" | "failed">> = { running: "waits", failed: "failed" };

/** Executions of the graph, the latest first. */
export function Runs(): ReactNode {
  const query = useInfiniteQuery(readPages<PageOf<"runs", Run>>("runs", "/v1/runs", { ...filtersIn(useFilters(), FILTERS), limit: 100 }));
  const runs = query.data?.pages.flatMap((page) => page.runs) ?? [];
  return (
    <Page title="Runs" answer={query.data && `${latest(runs.length, "run")}. Each signal, timer and ask of a customer is one.`}>
      <FilterBar filters={FILTERS} />
      <Loading query={query}>
        {() =>
          runs.length === 0 ? (
            <Empty title="No run is kept">
              A run is written with each decision, and forgotten with the history: see retention in sentient.yaml.
            </Empty>
          ) : (
            <DataTable
              label="Runs"
              rows={runs}
              columns={COLUMNS}
              rowKey={({ runId }) => runId}
              rowTo={({ runId }) => `/runs/${encodeURIComponent(runId)}`}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
    </Page>
  );
}
