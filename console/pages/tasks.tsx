import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TaskView } from "../../operations/views.ts";
import { read } from "../api/queries.ts";
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

interface Tasks {
  readonly tasks: readonly TaskView[];
}

const LIMIT = 200;

const filtersOf = (tasks: readonly TaskView[]): readonly Filter[] => [
  {
    name: "queue",
    label: "Queue",
    any: "every queue",
    choices: [...new Set(tasks.map(({ queue }) => queue))].sort().map((queue) => [queue, queue]),
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
  { head: "Customer", width: "7.5rem", cell: ({ customerId }) => <Said text={customerId} most={200} /> },
  { head: "Queue", width: "6.5rem", kind: "quiet", cell: ({ queue }) => <Said text={queue} most={100} /> },
  {
    head: "Claimed by",
    width: "7.5rem",
    phone: "labelled",
    cell: ({ claimedBy }) => claimedBy !== undefined && <Said text={claimedBy} most={100} />,
  },
  { head: "Due", width: "13rem", kind: "quiet", cell: ({ due }) => <Time at={due} /> },
];

/** Work for people, by queue: mine, nobody's, late ones. */
export function Tasks(): ReactNode {
  const search = useFilters();
  const { all, customer } = search;
  const query = useQuery(read<Tasks>("tasks", "/v1/tasks", { all, customer, limit: LIMIT }));
  const me = useSession()?.name;
  const tasks = query.data?.tasks ?? [];
  const filters = filtersOf(tasks);
  const shown = chosen(tasks, filtersIn(search, filters), me);
  return (
    <Page title="Tasks" answer={query.data && tasksAnswer(tasks, me)}>
      <FilterBar filters={filters} />
      <Loading query={query}>
        {() =>
          shown.length === 0 ? (
            <Empty title={tasks.length === 0 ? "Nothing waits for a person" : "No task is like that"}>
              {tasks.length === 0
                ? "A task comes when a message goes to a human channel, when a promise is late, or when an approval was not answered in time."
                : "Take a filter away to see the others."}
            </Empty>
          ) : (
            <DataTable
              label="Tasks"
              rows={shown}
              columns={COLUMNS}
              rowKey={({ taskId }) => taskId}
              rowTo={({ taskId }) => `/tasks/${encodeURIComponent(taskId)}`}
            />
          )
        }
      </Loading>
    </Page>
  );
}

/** Open ones first, the earliest due first; then ended ones, the latest first. */
export function chosen(tasks: readonly TaskView[], { queue, mine, overdue }: Search, me: string | undefined): readonly TaskView[] {
  const isOpen = ({ state }: TaskView): boolean => state === "open" || state === "claimed";
  return tasks
    .filter((task) => queue === undefined || task.queue === queue)
    .filter((task) => mine !== "mine" || task.claimedBy === me)
    .filter((task) => mine !== "unclaimed" || task.state === "open")
    .filter((task) => overdue !== "yes" || task.overdue)
    .toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || (isOpen(a) ? 1 : -1) * (Date.parse(a.due) - Date.parse(b.due)));
}

/** The open tasks in a sentence. */
export function tasksAnswer(tasks: readonly TaskView[], me: string | undefined): string {
  const open = tasks.filter(({ state }) => state === "open" || state === "claimed");
  if (open.length === 0) return "No task is open.";
  const mine = open.filter(({ claimedBy }) => me !== undefined && claimedBy === me).length;
  const unclaimed = open.filter(({ state }) => state === "open").length;
  const late = open.filter(({ overdue }) => overdue).length;
  const most = tasks.length >= LIMIT ? "at least " : "";
  return `${most}${counted(open.length, "task")} open: ${mine} mine, ${unclaimed} unclaimed, ${late} late.`.replace(/^a/, "A");
}
