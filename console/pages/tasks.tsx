import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { OverviewView, PageOf } from "../../operations/monitoring/views.ts";
import type { TaskView } from "../../operations/views.ts";

import type { Query } from "../api/client.ts";
import { moreOf, read, readPages } from "../api/queries.ts";
import { useSession } from "../api/session.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, type Search, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Page } from "../parts/page.tsx";
import { Said } from "../parts/said.tsx";
import { Time } from "../parts/time.tsx";
import { counted } from "../values/numbers.ts";
import { TASK_MARKS } from "../values/statuses.ts";

const filtersOf = (queues: readonly string[]): readonly Filter[] => [
  {
    name: "queue",
    label: "Queue",
    any: "every queue",
    choices: [...new Set(queues)].sort().map((queue) => [queue, queue]),
  },
  {
    name: "mine",
    label: "Whose",
    any: "everybody's",
    choices: [
      ["mine", "mine"],
      ["unclaimed", "nobody's"],
    ],
  },
  { name: "overdue", label: "Due", any: "at any time", choices: [["yes", "late ones"]] },
  { name: "all", label: "Show", any: "open ones", choices: [["true", "ended ones too"]] },
  { name: "customer", label: "Customer", placeholder: "id" },
];

const COLUMNS: readonly Column<TaskView>[] = [
  {
    head: "State",
    width: "6.5rem",
    cell: ({ state, overdue }) => <Mark kind={overdue ? "waits" : TASK_MARKS[state]} word={overdue ? "late" : state} />,
  },
  { head: "Task", kind: "main", phone: "whole", cell: ({ summary }) => <Said text={summary} most={300} /> },
  { head: "Customer", width: "7.5rem", cell: ({ customerId = "" }) => <Said text={customerId} most={200} /> },
  { head: "Queue", width: "6.5rem", kind: "quiet", cell: ({ queue }) => <Said text={queue} most={100} /> },
  {
    head: "Claimed by",
    width: "7.5rem",
    phone: "labelled",
    cell: ({ claimedBy }) => claimedBy !== undefined && <Said text={claimedBy} most={100} />,
  },
  { head: "Due", width: "9.5rem", kind: "text", cell: ({ due }) => <Time at={due} /> },
];

/** Work for people, by queue: mine, nobody's, late ones. */
export function Tasks(): ReactNode {
  const search = useFilters();
  const me = useSession()?.name;
  const query = useInfiniteQuery(readPages<PageOf<"tasks", TaskView>>("tasks", "/v1/tasks", queryOf(search, me)));
  const overview = useQuery(read<OverviewView>("overview", "/v1/overview")).data;
  const tasks = query.data?.pages.flatMap((page) => page.tasks) ?? [];
  const queues = [...(overview?.queues ?? []), ...tasks].map(({ queue }) => queue);
  const filters = filtersOf([...queues, search["queue"] ?? ""].filter((queue) => queue !== ""));
  const isFiltered = Object.keys(filtersIn(search, filters)).some((name) => name !== "all");
  return (
    <Page title="Tasks" answer={query.data && tasksAnswer(tasks, me, { isFiltered, goesOn: query.hasNextPage })}>
      <FilterBar filters={filters} />
      <Loading query={query}>
        {() =>
          tasks.length === 0 && !query.hasNextPage ? (
            <Empty title={isFiltered ? "No task is like that" : "Nothing waits for a person"}>
              {!isFiltered
                ? "A task comes when a message goes to a human channel, when a promise is late, or when an approval was not answered in time."
                : "Take a filter away to see the others."}
            </Empty>
          ) : (
            <DataTable
              label="Tasks"
              rows={tasks}
              columns={COLUMNS}
              rowKey={({ taskId }) => taskId}
              rowTo={({ taskId }) => `/tasks/${encodeURIComponent(taskId)}`}
              more={moreOf(query)}
            />
          )
        }
      </Loading>
    </Page>
  );
}

/** The query of the API for what the address asks: open ones first, the earliest due first; then ended ones, the latest first. */
export const queryOf = ({ queue, mine, overdue, all, customer }: Search, me: string | undefined): Query => ({
  ...{ queue, all, customer, order: "due", limit: 100 },
  ...(mine === "mine" ? { claimedBy: me } : {}),
  ...(mine === "unclaimed" ? { unclaimed: "true" } : {}),
  ...(overdue === "yes" ? { overdue: "true" } : {}),
});

/** The open tasks in a sentence. */
export function tasksAnswer(
  tasks: readonly TaskView[],
  me: string | undefined,
  { isFiltered, goesOn }: { readonly isFiltered: boolean; readonly goesOn: boolean },
): string {
  const isOpen = ({ state }: TaskView): boolean => state === "open" || state === "claimed";
  const open = tasks.filter(isOpen);
  if (open.length === 0) return isFiltered ? "No task like that is open." : "No task is open.";
  const mine = open.filter(({ claimedBy }) => me !== undefined && claimedBy === me).length;
  const unclaimed = open.filter(({ state }) => state === "open").length;
  const late = open.filter(({ overdue }) => overdue).length;
  // Ended ones stand last: where one is shown, all open ones are.
  const most = goesOn && open.length === tasks.length ? "The first " : "";
  const what = isFiltered ? counted(open.length, "task like that", "tasks like that") : counted(open.length, "task");
  const parts = [mine > 0 && `${mine} mine`, unclaimed > 0 && `${unclaimed} unclaimed`, late > 0 && `${late} late`].filter(Boolean);
  return `${most}${what} open${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.`;
}
