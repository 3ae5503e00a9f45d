import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { z } from "zod";
import type { PageOf } from "../../operations/monitoring/views.ts";
import type { PromiseView } from "../../operations/views.ts";
import type { PolicyView } from "../../operations/why/views.ts";
import { pathOf } from "../api/client.ts";
import { moreOf, read, readPages, useAct } from "../api/queries.ts";
import { useMay } from "../api/session.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { Button } from "../parts/button.tsx";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { Empty } from "../parts/empty.tsx";
import { type Filter, FilterBar, filtersIn, useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Mark } from "../parts/mark.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { Said } from "../parts/said.tsx";
import { RowLink } from "../parts/table/row-link.tsx";
import { Time } from "../parts/time.tsx";
import { WhatFollowed } from "../parts/what-followed.tsx";
import { useNow } from "../reader/now.ts";
import { counted } from "../values/numbers.ts";
import { PROMISE_MARKS } from "../values/statuses.ts";
import { plain } from "../values/visible.ts";
import { relativeTime } from "../values/zone-time.ts";

type PromisesPage = PageOf<"promises", PromiseView>;

const FILTERS: readonly Filter[] = [
  { name: "all", label: "Show", any: "owed ones", choices: [["true", "ended ones too"]] },
  { name: "customer", label: "Customer", placeholder: "id" },
  { name: "owner", label: "Owner", placeholder: "department" },
];

/** Promises to customers, overdue first; who owes each, and what stays quiet meanwhile. */
export function Promises(): ReactNode {
  const filters = filtersIn(useFilters(), FILTERS);
  const query = useInfiniteQuery(readPages<PromisesPage>("promises", "/v1/promises", { ...filters, order: "due", limit: 100 }));
  const [kept, setKept] = useState<PromiseView>();
  const now = useNow();
  const shown = query.data?.pages.flatMap((page) => page.promises);
  return (
    <Page title="Promises" answer={shown && promisesAnswer(shown, now, query.hasNextPage)}>
      <FilterBar filters={FILTERS} />
      {kept?.endedAt !== undefined && (
        <Panel title={`Kept: ${kept.name} for ${kept.customerId}`}>
          <WhatFollowed customerId={kept.customerId} at={kept.endedAt} />
        </Panel>
      )}
      <Loading query={query}>
        {() => <List key={kept?.promiseId ?? ""} promises={shown ?? []} more={moreOf(query)} onKept={setKept} />}
      </Loading>
    </Page>
  );
}

/** The list in a sentence, with what is owed by each department. */
export function promisesAnswer(promises: readonly PromiseView[], now: number, goesOn = false): string {
  const open = promises.filter(({ state }) => state === "open").toSorted((a, b) => Date.parse(a.due) - Date.parse(b.due));
  const [first] = open;
  if (first === undefined) return goesOn ? "Nothing that is owed was found so far." : "Nothing is owed to anybody.";
  const late = open.filter(({ overdue }) => overdue);
  const owners = [...new Set(open.map(({ owner }) => owner))].map(
    (owner) => `${owner} ${open.filter((one) => one.owner === owner).length}`,
  );
  const soon = `due ${relativeTime(Date.parse(first.due), now)}`;
  const some = late.length > 0 ? `${late.length} of them late` : `none of them late, the first ${soon}`;
  const lateness = open.length > 1 ? some : late.length > 0 ? "and late" : soon;
  const head = goesOn ? `The first ${counted(open.length, "promise")}` : counted(open.length, "promise");
  return `${head} ${open.length === 1 ? "is" : "are"} owed, ${lateness}. By department: ${plain(owners.join(", "))}.`;
}

// --- internal ---

function List({
  promises,
  more,
  onKept,
}: {
  readonly promises: readonly PromiseView[];
  readonly more: ReturnType<typeof moreOf>;
  readonly onKept: (promise: PromiseView) => void;
}): ReactNode {
  const isAllowed = useMay()("task");
  const [asking, setAsking] = useState<PromiseView>();
  const act = useAct<PromiseView, { readonly id: string; readonly note: string | undefined }>(
    ({ id, note }) => ({ path: pathOf("/v1/promises/{id}/kept", id), body: { note } }),
    ["promises", "overview", "decisions", "tasks"],
  );
  const policy = useQuery(read<z.infer<typeof PolicyView>>("policy", "/v1/policy")).data;
  const quiet = new Map(policy?.promises.map(({ name, suppress }) => [name, suppress]));
  const columns: readonly Column<PromiseView>[] = [
    {
      head: "State",
      width: "5.5rem",
      cell: ({ state, overdue }) => (
        <Mark kind={overdue ? "waits" : PROMISE_MARKS[state]} word={overdue ? "late" : state === "open" ? "owed" : state} />
      ),
    },
    { head: "Promise", kind: "main", cell: ({ name }) => <Said text={name} most={200} /> },
    {
      head: "Customer",
      cell: ({ customerId }) => <RowLink to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</RowLink>,
    },
    { head: "Owner", kind: "text", cell: ({ owner }) => <Said text={owner} most={100} /> },
    { head: "Due", width: "9.5rem", kind: "text", phone: "labelled", cell: ({ due }) => <Time at={due} /> },
    {
      head: "Quiet meanwhile",
      kind: "text",
      phone: "labelled",
      cell: ({ name, state }) => state === "open" && <Said text={(quiet.get(name) ?? []).join(", ") || "nobody"} most={200} />,
    },
    { head: "Given", width: "9.5rem", kind: "quiet", phone: "labelled", cell: ({ openedAt }) => <Time at={openedAt} as="absolute" /> },
    {
      head: "Ended",
      width: "9rem",
      cell: (promise) =>
        promise.state === "open"
          ? isAllowed && (
              <Button
                onClick={() => {
                  act.reset();
                  setAsking(promise);
                }}
              >
                Kept…
              </Button>
            )
          : promise.endedAt !== undefined && <Time at={promise.endedAt} as="absolute" />,
    },
  ];
  if (promises.length === 0 && more === undefined)
    return (
      <Empty title="No promise is open">
        A promise opens with a signal, for example when a customer writes, and closes when it is kept. Rules under promises in sentient.yaml
        say which, when each is due, and which departments stay quiet meanwhile.
      </Empty>
    );
  return (
    <>
      <DataTable label="Promises" rows={promises} columns={columns} rowKey={({ promiseId }) => promiseId} more={more} />
      {asking !== undefined && (
        <AskFirst
          title="Has this promise been kept?"
          verb="It has been kept"
          note="Note, kept in the audit (optional)"
          busy={act.isPending}
          error={act.error}
          onClose={() => setAsking(undefined)}
          onDo={(note) =>
            act.mutate(
              { id: asking.promiseId, note },
              {
                onSuccess: (promise) => {
                  setAsking(undefined);
                  onKept(promise);
                },
              },
            )
          }
        >
          <p>
            <Said text={asking.name} most={200} /> for <Said text={asking.customerId} most={200} />, owed by{" "}
            <Said text={asking.owner} most={100} />. Departments that were quiet because of it may write again, and the customer is decided
            again at once.
          </p>
        </AskFirst>
      )}
    </>
  );
}
