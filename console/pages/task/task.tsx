import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { z } from "zod";
import type { DecisionView } from "../../../operations/look-up-views.ts";
import type { TaskView } from "../../../operations/views.ts";
import { pathOf } from "../../api/client.ts";
import { read } from "../../api/queries.ts";
import { Details } from "../../parts/details.tsx";
import { Loading } from "../../parts/loading.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Columns, Page, Panel } from "../../parts/page.tsx";
import { Said } from "../../parts/said.tsx";
import { Time, ZoneOf } from "../../parts/time.tsx";
import { WhatFollowed } from "../../parts/what-followed.tsx";
import { TASK_MARKS } from "../../values/statuses.ts";
import { plain } from "../../values/visible.ts";
import { TaskActions } from "./act.tsx";
import { Contacts, Owed } from "./customer.tsx";
import { Known } from "./known.tsx";
import { Words } from "./words.tsx";

/** One task with all that is needed to do it: the facts, the customer's words, the last contacts of all departments, what is owed. */
export function Task(): ReactNode {
  const { id = "" } = useParams({ strict: false });
  const query = useQuery(read<TaskView>("tasks", pathOf("/v1/tasks/{id}", id)));
  const task = query.data;
  const latest = useQuery({
    ...read<{ readonly decisions: readonly z.infer<typeof DecisionView>[] }>("decisions", "/v1/decisions", {
      customer: task?.customerId,
      limit: 1,
    }),
    enabled: task !== undefined,
  });
  return (
    <ZoneOf zone={latest.data?.decisions[0]?.timezone?.name}>
      <Page
        title={task?.summary ?? "Task"}
        above={<Link to="/tasks">Tasks</Link>}
        answer={task && <State task={task} />}
        actions={task && <TaskActions task={task} />}
      >
        <Loading query={query}>{(loaded) => <Body task={loaded} />}</Loading>
      </Page>
    </ZoneOf>
  );
}

// --- internal ---

function State({
  task: { state, overdue, customerId, queue, due, claimedBy, claimedAt, endedAt, endedBy },
}: {
  readonly task: TaskView;
}): ReactNode {
  return (
    <>
      <Mark kind={TASK_MARKS[state]} word={state} pill /> for{" "}
      {customerId === undefined ? "no customer" : <Link to={`/customers/${encodeURIComponent(customerId)}`}>{plain(customerId)}</Link>}, in
      the queue <Said text={queue} most={100} />
      {endedAt === undefined ? (
        <>
          , due <Time at={due} />
          {overdue && ": late"}
          {claimedBy !== undefined && claimedAt !== undefined && (
            <>
              ; <Said text={claimedBy} most={200} /> has it, <Time at={claimedAt} as="relative" />
            </>
          )}
        </>
      ) : (
        <>
          {endedBy !== undefined && (
            <>
              {" by "}
              <Said text={endedBy} most={200} />
            </>
          )}
          , <Time at={endedAt} />
        </>
      )}
      .
    </>
  );
}

function Body({ task }: { readonly task: TaskView }): ReactNode {
  const { customerId, facts, state, endedAt, note, contacted } = task;
  return (
    <Columns
      beside={
        <>
          {customerId !== undefined && <Contacts customerId={customerId} />}
          {customerId !== undefined && <Owed customerId={customerId} />}
          <Panel title="Record">
            <Details
              of={[
                ["Task", <code key="id">{task.taskId}</code>],
                ["Made", <Time key="made" at={task.createdAt} />],
                ["Due", <Time key="due" at={task.due} />],
                [
                  "Promise",
                  task.promiseId === undefined || customerId === undefined ? undefined : (
                    <Link key="promise" to={`/promises?customer=${encodeURIComponent(customerId)}`}>
                      the promise behind it
                    </Link>
                  ),
                ],
                [
                  "Customer",
                  customerId === undefined ? undefined : (
                    <Link key="customer" to={`/customers/${encodeURIComponent(customerId)}`}>
                      the whole story
                    </Link>
                  ),
                ],
              ]}
            />
          </Panel>
        </>
      }
    >
      {state === "done" && endedAt !== undefined && (
        <Panel title="What came of it">
          {note !== undefined && (
            <p>
              “<Said text={note} />”
            </p>
          )}
          {contacted === true && <p>The customer was contacted.</p>}
          {customerId !== undefined && <WhatFollowed customerId={customerId} at={endedAt} />}
        </Panel>
      )}
      {note !== undefined && endedAt === undefined && (
        <Panel title="Note">
          <p>
            “<Said text={note} />”
          </p>
        </Panel>
      )}
      <Panel title="What is known">
        <Known facts={facts} />
      </Panel>
      {customerId !== undefined && <Words customerId={customerId} />}
    </Columns>
  );
}
