import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import type { Profile } from "../../domain/record/profile.ts";
import type { CustomersPage, StoryView, TouchView } from "../../operations/people/views.ts";
import type { TaskView } from "../../operations/views.ts";
import { pathOf } from "../api/client.ts";
import { read, useAct } from "../api/queries.ts";
import { useMay, useSession } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { Captions } from "../parts/details.tsx";
import { Empty } from "../parts/empty.tsx";
import { useFilters } from "../parts/filter-bar.tsx";
import { Loading } from "../parts/loading.tsx";
import { Page, Panel } from "../parts/page.tsx";
import { ReturnTask } from "../parts/return-task.tsx";
import { Said } from "../parts/said.tsx";
import { SearchBox } from "../parts/search-box.tsx";
import { Time, ZoneOf } from "../parts/time.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { factRows, valueWords } from "../values/facts.ts";
import { plain } from "../values/visible.ts";
import styles from "./desk.module.css";
import { allowedOn } from "./task/allowed.ts";

/** Job: she has walked in, what now? */
export function Desk(): ReactNode {
  const { customer } = useFilters();
  const navigate = useNavigate();
  const choose = (id: string | undefined): void =>
    void navigate({ to: "/desk", search: (before: object) => ({ ...before, customer: id }) });
  return (
    <Page
      title="Desk"
      answer={
        customer === undefined
          ? "Who is here? Choose the customer, then say how you met."
          : "Say how you met; what to do next appears below."
      }
    >
      <SearchBox label="Find the customer" placeholder="Name, address or id" kinds={["customer"]} onChoose={({ id }) => choose(id)} />
      {customer === undefined ? <Lately onChoose={choose} /> : <AtTheDesk key={customer} id={customer} />}
    </Page>
  );
}

// --- internal ---

function Lately({ onChoose }: { readonly onChoose: (id: string) => void }): ReactNode {
  const query = useQuery(read<CustomersPage>("customers", "/v1/customers", { limit: 12 }));
  return (
    <Panel title="Decided lately">
      <Loading query={query}>
        {({ customers }) =>
          customers.length === 0 ? (
            <Empty title="No customer was decided yet">Search for one who was imported.</Empty>
          ) : (
            <ul className={styles["people"]}>
              {customers.map(({ customerId, name }) => (
                <li key={customerId}>
                  <button type="button" className={styles["person"]} onClick={() => onChoose(customerId)}>
                    <strong>{plain(name ?? customerId)}</strong>
                    <span>{plain(customerId)}</span>
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Loading>
    </Panel>
  );
}

const KINDS = [
  ["visit", "Here in person"],
  ["call", "On the phone"],
  ["chat", "In a chat"],
] as const;
type Kind = (typeof KINDS)[number][0];

/** How often the desk looks for the task that follows, without a live stream. */
const LOOK_AGAIN_MS = 1_000;
const LOOKS = 20;

function AtTheDesk({ id }: { readonly id: string }): ReactNode {
  const may = useMay();
  const { department = "" } = useFilters();
  const navigate = useNavigate();
  const story = useQuery(read<StoryView>("customer", pathOf("/v1/customers/{id}/story", id), { limit: 1 }));
  const [said, setSaid] = useState<TouchView>();
  // One key a customer and kind: pressing twice, or again after a lost answer, is one contact.
  const keys = useRef(new Map<Kind, string>());
  const touch = useAct<TouchView, Kind>(
    (kind) => {
      const key = keys.current.get(kind) ?? newKey();
      keys.current.set(kind, key);
      return { path: pathOf("/v1/customers/{id}/touches", id), body: { kind, key, ...(department === "" ? {} : { department }) } };
    },
    ["customer", "tasks"],
  );
  const departments = story.data?.departments ?? [];
  return (
    <ZoneOf zone={story.data?.timezone.name}>
      <Panel title={plain(story.data?.name ?? id)} aside={<Link to={`/customers/${encodeURIComponent(id)}`}>Whole story</Link>}>
        {may("task") ? (
          <div className={styles["kinds"]}>
            {departments.length > 0 && (
              <label className={styles["for"]}>
                for
                <select
                  value={department}
                  onChange={(event) =>
                    void navigate({ to: ".", search: (before: object) => ({ ...before, department: event.target.value || undefined }) })
                  }
                >
                  <option value="">no department</option>
                  {departments.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
            )}
            {KINDS.map(([kind, words]) => (
              <Button
                key={kind}
                {...(kind === "visit" ? { look: "main" as const } : {})}
                busy={touch.isPending}
                disabled={said !== undefined}
                onClick={() => touch.mutate(kind, { onSuccess: setSaid })}
              >
                {words}
              </Button>
            ))}
          </div>
        ) : (
          <p>Your role cannot record contacts.</p>
        )}
        {touch.error && <Trouble error={touch.error} />}
        <p role="status">{said && `The ${said.kind} is recorded in the name of ${plain(said.by)}.`}</p>
      </Panel>
      <Tasks id={id} isWaiting={said !== undefined} />
      <Facts id={id} />
    </ZoneOf>
  );
}

function Tasks({ id, isWaiting }: { readonly id: string; readonly isWaiting: boolean }): ReactNode {
  const query = useQuery({
    ...read<{ readonly tasks: readonly TaskView[] }>("tasks", "/v1/tasks", { customer: id }),
    // The live stream is faster; without it the desk looks again itself.
    refetchInterval: ({ state }) =>
      isWaiting && state.dataUpdateCount < LOOKS && (state.data?.tasks.length ?? 0) === 0 ? LOOK_AGAIN_MS : false,
  });
  return (
    <Panel title="What to do">
      <Loading query={query} rows={2}>
        {({ tasks }) =>
          tasks.length === 0 ? (
            <Empty title={isWaiting && query.isFetching ? "Looking for what to do next…" : "No task is open"}>
              {isWaiting
                ? "Nothing in the catalogue asks for more than a good conversation."
                : "Once you have said how you met, the next best action appears here, where the catalogue has one."}
            </Empty>
          ) : (
            <ul className={styles["tasks"]}>
              {tasks.map((task) => (
                <TaskCard key={task.taskId} task={task} />
              ))}
            </ul>
          )
        }
      </Loading>
    </Panel>
  );
}

function TaskCard({ task }: { readonly task: TaskView }): ReactNode {
  const { taskId, summary, queue, due, facts, claimedBy, note } = task;
  const { isMine } = allowedOn(task, useSession()?.name, useMay()("task"));
  const known = factRows(facts).filter(({ source }) => source !== undefined);
  return (
    <li className={styles["task"]}>
      <strong>
        <Said text={summary} />
      </strong>
      <span className={styles["quiet"]}>
        {plain(queue)} · due <Time at={due} /> {claimedBy !== undefined && `· with ${plain(claimedBy)}`}
      </span>
      {known.length > 0 && (
        <Captions
          of={known.map(({ path, value, source }) => [
            plain(path),
            <>
              <Said text={value} most={200} />
              {source !== undefined && <span className={styles["quiet"]}> ({plain(source)})</span>}
            </>,
          ])}
        />
      )}
      {note !== undefined && (
        <span>
          “<Said text={note} most={200} />”
        </span>
      )}
      <Link to={`/tasks/${encodeURIComponent(taskId)}`}>Open the task</Link>
      {isMine && <ReturnTask task={task} />}
    </li>
  );
}

/** The part of the record that the greeter may want to know. */
function Facts({ id }: { readonly id: string }): ReactNode {
  const query = useQuery(read<Profile>("customer", pathOf("/v1/customers/{id}", id)));
  return (
    <Panel title="What is known">
      <Loading query={query} rows={3}>
        {({ fields, promises }) => (
          <>
            {promises.map(({ name, owner, due, overdue }) => (
              <p key={`${name} ${due}`}>
                {plain(owner)} owes {plain(name)}, due <Time at={due} />
                {overdue && ": late"}
              </p>
            ))}
            <Captions
              of={fields
                .slice(0, 12)
                .map(({ path, value, detail }) => [
                  plain(path),
                  <Said key={path} text={value === undefined ? (detail ?? "") : valueWords(value)} most={200} />,
                ])}
            />
          </>
        )}
      </Loading>
    </Panel>
  );
}

/** Random, also where the page is not in a secure context. */
const newKey = (): string => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
